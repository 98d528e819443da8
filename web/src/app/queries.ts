import { QueryClient } from '@tanstack/react-query'
import { asProblem, onSignedOut } from '@/shared/api'
import { live } from '@/shared/live'
import { ME } from '@/shared/me'

const TRIES = 2

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A refusal stays a refusal; a network that failed may come back.
      retry: (failures, error) => failures < TRIES && asProblem(error).passing,
      // Asked anyway: navigator.onLine is often wrong, and a request that fails says so.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

/** Ask anew who we are. If that is refused, the shell leads to the sign-in page. */
function askAgain(): void {
  if (queries.getQueryData(ME) !== undefined) void queries.resetQueries({ queryKey: ME })
}

onSignedOut(askAgain)
live.onSessionEnded = askAgain
