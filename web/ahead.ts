/**
 * What a page needs besides the shell, by its address: known when the app is built, asked for before its own code runs.
 * public/before-paint.js reads it from the first page.
 */
export interface Ahead {
  /** A pattern for path and query. */
  at: string
  /** Modules of pages; in a build, the files that they consist of. */
  files: string[]
  /** What the page asks the API for whatever it shows. */
  asks: string[]
}

const LISTS = 'deals|accounts|contacts|leads|products'

export const AHEAD: Ahead[] = [
  { at: '^/(?!sign-in|welcome)', files: [], asks: ['/api/me', '/api/views'] },
  {
    at: `^/(${LISTS})(\\?|$)`,
    files: ['src/features/records/RecordsPage.tsx'],
    asks: ['/api/record-types', '/api/users', '/api/teams', '/api/pipelines'],
  },
  { at: '^/deals\\?(.*&)?layout=board', files: ['src/features/records/Board.tsx'], asks: [] },
  { at: '^/deals/\\d', files: ['src/features/crm/DealPage.tsx'], asks: [] },
  { at: '^/forecast', files: ['src/features/forecast/ForecastPage.tsx'], asks: [] },
]
