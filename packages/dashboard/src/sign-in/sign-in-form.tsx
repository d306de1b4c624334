// Signing in. The password goes to the server once and nowhere else; what comes back is a cookie no script can read.
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { signIn } from '../api.ts'
import { ErrorNote } from '../error-note.tsx'

export function SignInForm({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const email = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const entry = useMutation({
    mutationFn: () => signIn(email.current?.value.trim() ?? '', password.current?.value ?? ''),
    onSuccess: onSignedIn,
    onError: () => password.current?.select(),
  })
  useEffect(() => {
    document.title = 'Sign in · Purser'
    email.current?.focus()
  }, [])
  return (
    <main className="sign-in">
      <h1>Sign in to Purser</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!entry.isPending) entry.mutate()
        }}
      >
        {entry.error !== null && <ErrorNote error={entry.error} />}
        <label htmlFor="email">E-mail address</label>
        <input ref={email} id="email" type="email" name="email" autoComplete="username" required />
        <label htmlFor="password">Password</label>
        <input ref={password} id="password" type="password" name="password" autoComplete="current-password" required />
        <button type="submit" className="primary" disabled={entry.isPending}>
          {entry.isPending ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <p className="quiet">
        In demo mode the address and the password are in the file demo.json of the data directory.
      </p>
    </main>
  )
}
