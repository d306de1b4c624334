// Search by one value, or narrow by status. The API does one or the other, so choosing one clears the other.
import { useEffect, useRef } from 'react'
import { LIST, navigate } from '../router.ts'
import { STATUSES } from './words.ts'

type Given = { readonly search: string; readonly status: string }

export function PaymentFilters({ search, status }: Given) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // The address changed by itself: the back button, or the other filter.
    if (input.current !== null) input.current.value = search
  }, [search])
  return (
    <form
      className="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        const text = new FormData(event.currentTarget).get('search')
        navigate(addressOf({ search: typeof text === 'string' ? text.trim() : '', status: '' }))
      }}
    >
      <div className="field grow">
        <label htmlFor="search">Search</label>
        <div className="together">
          <input
            ref={input}
            id="search"
            name="search"
            type="search"
            defaultValue={search}
            maxLength={100}
            placeholder="Id, reference, RRN, UPI id or last four digits"
          />
          <button type="submit" className="primary">
            Search
          </button>
        </div>
      </div>
      <div className="field">
        <label htmlFor="status">Status</label>
        <select
          id="status"
          value={status}
          onChange={(event) => navigate(addressOf({ search: '', status: event.target.value }))}
        >
          <option value="">All</option>
          {Object.entries(STATUSES).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
    </form>
  )
}

function addressOf({ search, status }: Given): string {
  const query = new URLSearchParams()
  if (search !== '') query.set('search', search)
  if (status !== '') query.set('status', status)
  const text = query.toString()
  return text === '' ? LIST : `${LIST}?${text}`
}
