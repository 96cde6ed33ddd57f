import { counted, formatMoment } from '../lib/format.ts'
import { client } from '../lib/server.ts'
import { ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Action, Empty } from '../parts/basics.tsx'
import { byCause } from './by-cause.ts'

type Letter = Awaited<ReturnType<typeof client.inspector.deadLetters.list>>[number]

const MOST = 500

/** Messages that failed for good, by their cause. */
export function Letters() {
  const letters = useAllowed('letters', () => client.inspector.deadLetters.list({ limit: MOST }), ['runs'])
  return (
    <ShownIfAllowed of={letters}>
      {(found) =>
        found.length === 0 ? (
          <Empty title="No message has failed for good." />
        ) : (
          <>
            {found.length === MOST && <p class="quiet">The newest {MOST} are shown.</p>}
            {byCause(found).map((alike) => (
              <Cause key={alike[0]!.id} letters={alike} changed={letters.reload} />
            ))}
          </>
        )
      }
    </ShownIfAllowed>
  )
}

/** `changed`: called after each act, also a refused one: another page may have sent or dropped the message. */
function Cause({ letters, changed }: { readonly letters: readonly Letter[]; changed(): void }) {
  const { to, problem } = letters[0]!
  return (
    <section>
      <h2>
        {counted(letters.length, 'message')} to {to.split('/')[0]}
      </h2>
      <p class="note bad">
        {problem.message} <code>{problem.code}</code>
      </p>
      <ul class="rows">
        {letters.map(({ id, at, to: actor, type }) => (
          <li key={id} class="row need">
            <span class="cell main names">
              <span class="name">{actor}</span>
              <span class="id">
                {type} · {formatMoment(at)}
              </span>
            </span>
            <span class="cell buttons">
              <Action
                label="Send again"
                does={() => client.inspector.deadLetters.retry(id).finally(changed)}
                copies={['deadletters', 'retry', id]}
              />
              <Action
                label="Drop"
                kind="danger"
                does={() => client.inspector.deadLetters.drop(id).finally(changed)}
                copies={['deadletters', 'drop', id]}
              />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
