import { useEffect, useRef, useState } from 'preact/hooks'
import type { Bulk, BulkRequest } from '../../src/client.ts'
import { bulkWords } from '../lib/commands.ts'
import { counted, now } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Action, Actions, Command, Length, Shown } from '../parts/basics.tsx'
import { Chip } from '../parts/filters.tsx'

/** The runs to reach: chosen ones, or all that a filter picks. */
export type Reach = Pick<BulkRequest, 'runs'> | Pick<BulkRequest, 'where'>
type BulkAction = BulkRequest['action']

const ACTIONS = ['cancel', 'resume', 'fork'] as const
const VERBS: { readonly [Name in BulkAction]: string } = { cancel: 'Cancel', resume: 'Resume', fork: 'Run again' }
const NOTHING: { readonly [Name in BulkAction]: string } = {
  cancel: 'All of them have ended: there is nothing to cancel.',
  resume: 'All of them have ended: there is nothing to resume.',
  fork: 'No run fits.',
}
const LOOK_MS = 500

type BulkProps = {
  readonly reach: Reach
  /** `hasBegun`: the operation is under way */
  close(hasBegun: boolean): void
}

/** Cancels, resumes or forks chosen runs, or all that the filters of the list pick. */
export function BulkDialog({ reach, close }: BulkProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [action, setAction] = useState<BulkAction>('cancel')
  const [reason, setReason] = useState('')
  const [undo, setUndo] = useState(false)
  const [begun, setBegun] = useState<string | undefined>()
  useEffect(() => dialog.current?.showModal(), [])
  const request: BulkRequest = {
    action,
    ...reach,
    ...(action === 'cancel' && reason.trim() && { reason: reason.trim() }),
    ...(action === 'cancel' && undo && { undo }),
  }
  const picked = useLoaded(`bulk ${JSON.stringify([action, reach])}`, () =>
    client.bulks.start({ action, ...reach, dryRun: true }),
  )
  return (
    <dialog ref={dialog} class="sheet" aria-label="Many runs" onClose={() => close(begun !== undefined)}>
      <h2>{'runs' in reach ? 'The chosen runs' : 'All runs that fit the filters'}</h2>
      {begun === undefined ? (
        <>
          <p class="chips">
            {ACTIONS.map((one) => (
              <Chip key={one} isOn={one === action} press={() => setAction(one)}>
                {VERBS[one]}
              </Chip>
            ))}
          </p>
          {action === 'cancel' && (
            <>
              <label class="field">
                Reason (optional)
                <input value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
              </label>
              <label class="check">
                <input
                  type="checkbox"
                  checked={undo}
                  onChange={({ currentTarget }) => setUndo(currentTarget.checked)}
                />{' '}
                Undo completed steps first
              </label>
            </>
          )}
          <Shown of={picked} lines={2}>
            {({ total, picked: stood, runs = [] }) => (
              <>
                <p>
                  {total === 0 ? NOTHING[action] : `${counted(total, 'run')}${stood ? standing(stood) : ''}: `}
                  <span class="quiet small">
                    {runs.slice(0, SHOWN).join(', ')}
                    {total > SHOWN && ', …'}
                  </span>
                </p>
                <Actions>
                  <Action
                    kind={action === 'cancel' ? 'danger' : 'primary'}
                    label={`${VERBS[action]} ${counted(total, 'run')}`}
                    disabled={total === 0}
                    does={async () => setBegun((await client.bulks.start(request)).id)}
                  />
                  <button type="button" onClick={() => dialog.current?.close()}>
                    Back
                  </button>
                </Actions>
              </>
            )}
          </Shown>
          <Command words={bulkWords(request, now.peek())} />
        </>
      ) : (
        <Progress id={begun} close={() => dialog.current?.close()} />
      )}
    </dialog>
  )
}

const SHOWN = 5

/** How many wait for their time or their turn, and how many have begun. */
const standing = ({ timed, queued, running }: NonNullable<Bulk['picked']>) =>
  ` (${timed} timed, ${queued} queued, ${running} running)`

/** How far it is. It goes on when the dialog is closed. */
function Progress({ id, close }: { readonly id: string; close(): void }) {
  const bulk = useLoaded(`bulk ${id}`, () => client.bulks.get(id))
  const isPending = bulk.value?.status === 'pending'
  useEffect(() => {
    if (!isPending) return
    const timer = setInterval(() => bulk.reload(), LOOK_MS)
    return () => clearInterval(timer)
  }, [isPending, id])
  return (
    <>
      <Shown of={bulk} lines={2}>
        {(found) => <Report bulk={found} />}
      </Shown>
      <p class="buttons">
        <button type="button" onClick={close}>
          {isPending ? 'Close: it goes on' : 'Close'}
        </button>
        <a href={href(['machine'], { view: 'bulks' })}>All operations</a>
      </p>
      <Command words={['bulk', 'show', id]} />
    </>
  )
}

function Report({ bulk: { status, total, done, skipped, failed, failures, waits } }: { readonly bulk: Bulk }) {
  const past = done + skipped + failed
  return (
    <>
      <p role="status">
        {status === 'done' ? 'Done' : 'At work'}: {past} of {counted(total, 'run')}. {done} done
        {skipped > 0 && `, ${skipped} had ended before`}
        {failed > 0 && `, ${failed} failed`}.
      </p>
      <Length share={total === 0 ? 1 : past / total} />
      {waits && <p class="note">It waits: {waits}</p>}
      {failures.length > 0 && (
        <ul class="plain-list">
          {failures.map(({ run, code, message }) => (
            <li key={run}>
              <a href={href(['runs', run])}>{run}</a> {message} <code>{code}</code>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
