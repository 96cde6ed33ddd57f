import { counted, formatSpan } from '../lib/format.ts'
import { client } from '../lib/server.ts'
import { ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Command, Empty } from '../parts/basics.tsx'

/** The pools: which is short, for how long the oldest task has waited, and what its workers do. */
export function Pools() {
  const pools = useAllowed('machine-pools', () => client.inspector.pools(), ['runs', 'threads'])
  return (
    <>
      <ShownIfAllowed of={pools}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No pool has been used since this process started." />
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard
            <div class="wide" tabIndex={0}>
              <table class="pool-table">
                <thead>
                  <tr>
                    <th>Pool</th>
                    <th>State</th>
                    <th class="num">Busy</th>
                    <th class="num">Wait p95</th>
                    <th class="num">Work p95</th>
                    <th class="num">Done</th>
                    <th class="num">Failed</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((pool) => (
                    <tr key={pool.id}>
                      <th scope="row">{pool.id}</th>
                      <td>
                        <PoolState of={pool} />
                        {pool.queued > 0 && <span class="problem">, the oldest for {formatSpan(pool.oldest)}</span>}
                      </td>
                      <td class="num">
                        {pool.running} of {pool.workers}
                      </td>
                      <td class="num">{formatSpan(pool.wait.p95)}</td>
                      <td class="num">{formatSpan(pool.run.p95)}</td>
                      <td class="num">{pool.done}</td>
                      <td class="num">{pool.failed}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </ShownIfAllowed>
      <Command words={['pools']} />
    </>
  )
}

type Pool = Awaited<ReturnType<typeof client.inspector.pools>>['items'][number]

export function PoolState({ of: { queued, running, workers } }: { readonly of: Pool }) {
  if (queued > 0)
    return (
      <span class="problem">
        short: {counted(queued, 'task')} {queued === 1 ? 'waits' : 'wait'}
      </span>
    )
  return <span class="quiet">{running < workers ? 'has places' : 'all places are taken'}</span>
}
