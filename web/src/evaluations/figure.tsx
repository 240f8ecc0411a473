/** A figure of the paper as it is written to disk; evaluations.css gives its inks a dark side. */
export function ReportFigure({ svg }: { svg: string }) {
  return <div class="card report-figure" dangerouslySetInnerHTML={{ __html: svg }} />
}
