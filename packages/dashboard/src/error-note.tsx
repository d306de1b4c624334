// An error in words a person can act on, with the request id that the operator's log knows.
import { ApiError } from './api.ts'

export function ErrorNote({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : undefined
  return (
    <div className="note bad" role="alert">
      <p>
        <strong>{known?.message ?? 'Something went wrong in this page.'}</strong>
      </p>
      <p>{known?.advice ?? 'Load the page again.'}</p>
      {known?.requestId !== undefined && <p className="quiet">Request {known.requestId}</p>}
      {onRetry !== undefined && (
        <button type="button" className="plain" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
