import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import 'uplot/dist/uPlot.min.css'
import '../styles/theme.css'
import '../styles/base.css'
import '../styles/layout.css'
import '../styles/runs.css'
import '../styles/rollouts.css'
import '../styles/rewards.css'
import '../styles/evaluations.css'
import '../styles/chat.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { applyTheme } from './theme.tsx'

applyTheme()
render(<App />, document.getElementById('app')!)
