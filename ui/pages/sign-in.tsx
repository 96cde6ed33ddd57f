import { useState } from 'preact/hooks'
import { base, isSignedOut, readRights, refusal, signIn, wasSignedIn } from '../lib/server.ts'

/** Takes an API key, and gives the browser a cookie for it. The key is in no storage and in no address. */
export function SignIn() {
  const [key, setKey] = useState('')
  const [problem, setProblem] = useState('')
  const send = async (event: Event) => {
    event.preventDefault()
    const response = await fetch(`${base}/ui/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    }).catch(() => undefined)
    if (response?.ok) {
      setKey('')
      await readRights()
      isSignedOut.value = false
      return
    }
    const { detail } = ((await response?.json().catch(() => undefined)) ?? {}) as { readonly detail?: string }
    setProblem(detail ?? 'The server did not answer.')
  }
  return (
    <main class="sign-in">
      <form class="card" onSubmit={send}>
        <h1>antiphon</h1>
        {signIn === 'key' ? (
          <>
            {why() && <p role="status">{why()}</p>}
            <label class="field">
              API key
              <input
                type="password"
                autocomplete="off"
                required
                value={key}
                onInput={({ currentTarget }) => setKey(currentTarget.value)}
              />
            </label>
            {problem && (
              <p class="problem" role="alert">
                {problem}
              </p>
            )}
            <button type="submit" class="primary">
              Sign in
            </button>
            <p class="quiet small">
              To make a key: <code>antiphon keys api create NAME</code>
            </p>
          </>
        ) : (
          <p>
            {signIn === 'code' ? (
              <>
                This browser is not signed in, or its session is over. Run <code>antiphon ui</code> again, and open the
                address that it prints: it is good once, for a minute.
              </>
            ) : (
              'Sign in to the server that shows this page, and reload.'
            )}
          </p>
        )}
      </form>
    </main>
  )
}

/** Why the form is shown to somebody who was signed in; empty for others. */
function why(): string {
  if (/revoked|expired/.test(refusal.value)) return `${refusal.value} Sign in to continue on the same page.`
  if (!wasSignedIn.value) return ''
  return 'Your session has ended: it was not used for 12 hours, it is 7 days old, or its key is gone. Sign in to continue on the same page.'
}
