import { useState } from 'preact/hooks'
import { formatBytes } from '../lib/format.ts'
import { client } from '../lib/server.ts'
import { ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Action, Actions, Command } from '../parts/basics.tsx'

/** The cached replies of models: what each tier holds, how often it was used, and a button that drops all. */
export function Cache() {
  const cache = useAllowed('cache', () => client.maintenance.cache.report(), ['runs'])
  const [dropped, setDropped] = useState<string | undefined>()
  return (
    <>
      <ShownIfAllowed of={cache}>
        {({ places, shared, made, failed }) => (
          <>
            <ul class="rows">
              {places.map(({ name, hits, entries, bytes, most, problem }) => (
                <li key={name} class="row need">
                  <span class="cell main names">
                    <span class="name">{name}</span>
                    {problem && <span class="problem">{problem}</span>}
                  </span>
                  <span class="cell quiet">
                    {entries !== undefined && `${entries} replies`}
                    {bytes !== undefined && `, ${formatBytes(bytes)}`}
                    {most !== undefined && ` of ${formatBytes(most)}`}
                  </span>
                  <span class="cell num">{hits} hits</span>
                </li>
              ))}
            </ul>
            <p class="quiet">
              Since this process started: {made} calls found no reply, {shared} shared the reply of a running call
              {failed > 0 && `, and ${failed} reads or writes failed`}.
            </p>
            <Actions>
              <Action
                label="Drop all replies"
                copies={['cache', 'drop', '--all']}
                kind="danger"
                does={async () => {
                  const { removed } = await client.maintenance.cache.drop({ all: true })
                  setDropped(
                    `Dropped: ${removed.map(({ name, entries }) => `${entries} of ${name}`).join(', ') || 'nothing'}.`,
                  )
                  cache.reload()
                }}
              />
              {dropped && <span role="status">{dropped}</span>}
            </Actions>
          </>
        )}
      </ShownIfAllowed>
      <Command words={['cache']} />
    </>
  )
}
