import { useState } from 'preact/hooks'
import { counted, formatMoment } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { useLoaded } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown, Status } from '../parts/basics.tsx'

const PAGE = 50

/** Conversations with agents, and threads of questions. */
export function Threads() {
  const [size, setSize] = useState(PAGE)
  const threads = useLoaded(`threads ${size}`, () => client.threads.list({ limit: size }), ['threads'])
  return (
    <>
      <header class="page-head">
        <h1>Conversations</h1>
        <a class="button primary" href={href(['start'], { kind: 'agent' })}>
          New conversation
        </a>
      </header>
      <Shown of={threads} lines={6}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="There are no conversations yet.">
              <p class="quiet">
                Talk with an agent here, or with <code>antiphon chat AGENT</code>
              </p>
            </Empty>
          ) : (
            <>
              <ul class="rows">
                {found.map(({ id, name, owner, status, asked, updatedAt }) => (
                  <li key={id} class="row need">
                    <a class="cell main" href={href(['threads', id])}>
                      <Status of={status} quiet />
                      <span class="names">
                        <span class="name">{name ?? id}</span>
                        {name && <span class="id">{id}</span>}
                      </span>
                    </a>
                    <span class="cell quiet">
                      {counted(asked, 'message')}
                      {owner !== 'local' && ` · ${owner}`}
                    </span>
                    <span class="cell num quiet">{formatMoment(updatedAt, now.value)}</span>
                  </li>
                ))}
              </ul>
              {found.length >= size && size < 1000 && (
                <p class="more">
                  <button type="button" onClick={() => setSize(Math.min(1000, size + 2 * PAGE))}>
                    Show more
                  </button>
                </p>
              )}
            </>
          )
        }
      </Shown>
    </>
  )
}
