import { command } from '../lib/commands.ts'
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
                  {items.map(({ id, workers, running, queued, oldest, wait, run, done, failed }) => (
                    <tr key={id}>
                      <th scope="row">{id}</th>
                      <td>
                        {queued > 0 ? (
                          <span class="problem">
                            short: {counted(queued, 'task')} in its queue, the oldest for {formatSpan(oldest)}
                          </span>
                        ) : (
                          <span class="quiet">has places</span>
                        )}
                      </td>
                      <td class="num">
                        {running} of {workers}
                      </td>
                      <td class="num">{formatSpan(wait.p95)}</td>
                      <td class="num">{formatSpan(run.p95)}</td>
                      <td class="num">{done}</td>
                      <td class="num">{failed}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </ShownIfAllowed>
      <Command text={command('pools')} />
    </>
  )
}
