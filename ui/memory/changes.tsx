import { counted, formatMoment } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ListIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Action, Command, Empty } from '../parts/basics.tsx'

export type Change = Awaited<ReturnType<typeof client.memory.changes>>[number]

const MOST = 200
const WORDS: { readonly [Type in Change['type']]: string } = {
  add: 'learned',
  pin: 'pinned',
  unpin: 'unpinned',
  forget: 'forgot',
  expire: 'let expire',
  undo: 'took back',
}

/** What has changed in a memory, who caused it, and a button that takes it back. */
export function Changes() {
  const changes = useAllowed('memory-changes', () => client.memory.changes({ limit: MOST }))
  return (
    <>
      <ListIfAllowed of={changes} empty={<Empty title="Nothing has changed yet." />}>
        {(one) => (
          <li key={one.change} class="row need">
            <span class="cell main names">
              <span class="name">
                <CausedBy of={one.cause} /> {WORDS[one.type]} {counted(one.count, 'record')}
              </span>
              <span class="id">
                {one.records.slice(0, 3).map(({ id, text }) => (
                  <a key={id} class="line" href={href(['memory', id])}>
                    {text.slice(0, 80)}
                  </a>
                ))}
              </span>
            </span>
            <span class="cell quiet">
              change {one.change} · {formatMoment(one.at)}
              {one.undoes !== undefined && ` · takes back ${one.undoes}`}
              {one.undoneBy !== undefined && ` · taken back by ${one.undoneBy}`}
            </span>
            <span class="cell buttons">
              {canUndo(one) && (
                <Action
                  label="Take back"
                  does={() => client.memory.undo(one.change).then(changes.reload)}
                  copies={['memory', 'undo', String(one.change)]}
                />
              )}
            </span>
          </li>
        )}
      </ListIfAllowed>
      <Command words={['memory', 'log']} />
    </>
  )
}

const canUndo = ({ type, undoneBy }: Change) => ['add', 'pin', 'unpin'].includes(type) && undoneBy === undefined

export function CausedBy({ of: { type, id } }: { readonly of: Change['cause'] }) {
  if (id === undefined) return type === 'person' ? 'A person' : `An ${type}`
  if (type === 'run') return <a href={href(['runs', runOf(id)])}>run {id}</a>
  if (type === 'goal') return <a href={href(['goals', id])}>goal {id}</a>
  return `${type} ${id}`
}

/** A step is named with its run. */
const runOf = (id: string) => id.split('.')[0]!
