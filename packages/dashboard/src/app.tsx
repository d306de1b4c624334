// The frame: signed in or not, and which of the two views. Whether somebody is signed in is the server's knowledge: the
// first refusal of a read brings the sign-in form, and a sign-in asks again.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { signOut } from './api.ts'
import { ErrorNote } from './error-note.tsx'
import { PaymentList } from './payments/payment-list.tsx'
import { PaymentTimeline } from './payments/payment-timeline.tsx'
import { follow, LIST, navigate, paymentIn, useAddress } from './router.ts'
import { SignInForm } from './sign-in/sign-in-form.tsx'

export function App() {
  const client = useQueryClient()
  const { path } = useAddress()
  const [signedOut, setSignedOut] = useState(false)
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      client.clear()
      navigate(LIST)
      setSignedOut(true)
    },
  })
  const content = useRef<HTMLElement>(null)
  const shownPath = useRef(path)
  useEffect(() => {
    if (shownPath.current === path) return
    shownPath.current = path
    // Another view: the keyboard and a screen reader start at its beginning.
    content.current?.focus()
  }, [path])
  const onRefused = () => setSignedOut(true)

  if (signedOut) {
    const onSignedIn = () => {
      client.clear()
      setSignedOut(false)
    }
    return <SignInForm onSignedIn={onSignedIn} />
  }
  const paymentId = paymentIn(path)
  return (
    <>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="bar">
        <a className="brand" href={LIST} onClick={follow}>
          Purser
        </a>
        <nav aria-label="Sections">
          <a href={LIST} onClick={follow} aria-current={paymentId === undefined ? 'page' : undefined}>
            Payments
          </a>
        </nav>
        <button type="button" className="plain" disabled={leave.isPending} onClick={() => leave.mutate()}>
          Sign out
        </button>
      </header>
      <main id="content" ref={content} tabIndex={-1}>
        {leave.error !== null && <ErrorNote error={leave.error} />}
        {paymentId === undefined ? (
          <PaymentList onRefused={onRefused} />
        ) : (
          <PaymentTimeline key={paymentId} id={paymentId} onRefused={onRefused} />
        )}
      </main>
    </>
  )
}
