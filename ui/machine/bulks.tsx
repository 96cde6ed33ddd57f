import { counted, formatMoment } from '../lib/format.ts'
import { useReadAgain } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ListIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Command, CopyCommand, Empty, Status } from '../parts/basics.tsx'

const MOST = 100

/** Operations on many runs, the newest first: how far each is. */
export function Bulks() {
  const bulks = useAllowed('bulks', () => client.bulks.list({ limit: MOST }), ['runs'])
  const found = bulks.value === undefined || bulks.value === 'forbidden' ? [] : bulks.value.value
  useReadAgain(
    bulks,
    found.some(({ status }) => status === 'pending'),
  )
  return (
    <>
      <ListIfAllowed
        of={bulks}
        empty={
          <Empty title="There are no operations on many runs.">
            <a href={href(['runs'])}>Runs</a> that are chosen are cancelled, resumed or run again together.
          </Empty>
        }
      >
        {({ id, owner, action, status, at, total, done, skipped, failed, waits }) => (
          <li key={id} class="row need">
            <span class="cell main names">
              <span class="name">
                {action} of {counted(total, 'run')}
              </span>
              <span class="id">
                {id}
                {owner !== 'local' && ` · ${owner}`}
              </span>
              {waits && <span class="act-text">It waits: {waits}</span>}
            </span>
            <span class="cell quiet">
              {done} done
              {skipped > 0 && `, ${skipped} had ended before`}
              {failed > 0 && <span class="problem">, {failed} failed</span>}
            </span>
            <span class="cell">
              <Status of={status === 'done' ? 'completed' : 'running'} />
            </span>
            <span class="cell num quiet">{formatMoment(at)}</span>
            <span class="cell buttons">
              <CopyCommand words={['bulk', 'show', id]} label="Copy show command" />
            </span>
          </li>
        )}
      </ListIfAllowed>
      <Command words={['bulk', 'list']} />
    </>
  )
}
