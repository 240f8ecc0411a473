import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import 'uplot/dist/uPlot.min.css'
import '../../styles/theme.css'
import '../../styles/base.css'
import '../../styles/layout.css'
import '../../styles/runs.css'
import '../../styles/rollouts.css'
import '../../styles/rewards.css'
import '../../styles/train.css'
import { render } from 'preact'
import { applyTheme } from '../theme.tsx'
import { Boundary } from '../ui.tsx'
import { TrainPage } from './train-page.tsx'

applyTheme()
render(
  <Boundary>
    <TrainPage />
  </Boundary>,
  document.getElementById('app')!,
)
// Pages over plain HTTP have no service worker, and need the network to load again; one that is not built has no list of its files.
navigator.serviceWorker?.register('./offline.js').catch(() => {})
