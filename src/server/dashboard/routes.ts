/** The dashboard's API over a folder of runs, mounted at /api. */
import { Hono } from 'hono'

export interface DashboardOptions {
  /** A folder of runs, or one run. */
  runs: string
}

export function dashboardRoutes(_: DashboardOptions): Hono {
  return new Hono()
}
