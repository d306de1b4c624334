// The dashboard's entry. The server's HTML holds an empty #root and this script.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { isWorthAnotherTry } from './api.ts'
import { App } from './app.tsx'
import './dashboard.css'

const client = new QueryClient({
  defaultOptions: { queries: { retry: isWorthAnotherTry, staleTime: 2_000 } },
})
const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root.')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
