import { Scrollable } from '../ui.tsx'

/** A figure of the paper as it is written to disk; evaluations.css gives its inks a dark side. */
export function ReportFigure({ svg }: { svg: string }) {
  return (
    <Scrollable class="card report-figure" label="Figure">
      <div dangerouslySetInnerHTML={{ __html: svg }} />
    </Scrollable>
  )
}
