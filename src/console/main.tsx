// In: the address and a session. Out: the console's pages.
// Never: puts an id or a name into an address or the browser's storage, or shows what it did not ask for just now.
import './styles.ts'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { theme } from './theme.ts'

const client = new QueryClient({
  // each question is a look on the ledger: none is asked again only because a window got the focus
  defaultOptions: { queries: { retry: false, staleTime: 30_000, gcTime: 60_000, refetchOnWindowFocus: false } },
})

const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
