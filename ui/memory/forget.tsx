import { useRef, useState } from 'preact/hooks'
import { counted } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Action, Actions, Command } from '../parts/basics.tsx'

type Report = Awaited<ReturnType<typeof client.memory.forget>>

type Props = {
  readonly target: { readonly id: string } | { readonly space: string }
  /** in words, such as `this record` */
  readonly what: string
  /** called when the report of what was erased is closed */
  done(): void
}

/** Erases records for good: it says first what would go, and then what was removed and what remains. */
export function ForgetButton({ target, what, done }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [plan, setPlan] = useState<Report | undefined>()
  const [report, setReport] = useState<Report | undefined>()
  const forget = (options: { readonly dryRun?: true }) => client.memory.forget({ ...target, ...options })
  const close = () => {
    setPlan(undefined)
    if (report) done()
    setReport(undefined)
  }
  const shown = report ?? plan
  return (
    <>
      <Action
        label={`Forget ${what} …`}
        kind="danger"
        does={async () => {
          setPlan(await forget({ dryRun: true }))
          dialog.current?.showModal()
        }}
      />
      <dialog ref={dialog} class="sheet" aria-label="Forget" onClose={close}>
        <h2>{report ? 'Forgotten' : `Forget ${what}?`}</h2>
        {shown && <Removed of={shown} isDone={report !== undefined} />}
        <Actions key={plan ? 'open' : 'closed'}>
          {!report && <Action label="Forget for good" kind="danger" does={async () => setReport(await forget({}))} />}
          <button type="button" onClick={() => dialog.current?.close()}>
            {report ? 'Close' : 'Back'}
          </button>
        </Actions>
        <Command
          words={'id' in target ? ['memory', 'forget', target.id] : ['memory', 'forget', '--space', target.space]}
        />
      </dialog>
    </>
  )
}

type RemovedProps = { readonly of: Report; readonly isDone: boolean }

function Removed({ of: { removed, remains, derived = [], status }, isDone }: RemovedProps) {
  const { records, words, vectors, changes, redis = 0 } = removed
  return (
    <>
      <p role="status">
        {isDone ? 'Removed' : 'This removes'} {counted(records, 'record')}, {words} in the index of words,{' '}
        {counted(vectors, 'vector')}
        {changes > 0 && `, texts of ${counted(changes, 'change')}`}
        {redis > 0 && `, ${redis} on Redis`}.{status === 'pending' && ' Its bytes leave the file in the background.'}
      </p>
      {derived.length > 0 && (
        <>
          <p>These go along, as they were made of it:</p>
          <ul class="plain-list">
            {derived.map(({ id, kind }) => (
              <li key={id}>
                {isDone ? id : <a href={href(['memory', id])}>{id}</a>} <span class="quiet">{kind}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {remains.length > 0 && (
        <>
          <p>Not reached:</p>
          <ul class="plain-list">
            {remains.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
