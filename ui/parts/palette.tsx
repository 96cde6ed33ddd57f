import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLoaded } from '../lib/load.ts'
import { go, href } from '../lib/router.ts'
import { client, isMounted } from '../lib/server.ts'
import { kindsOfCaller } from '../start/kinds.ts'

let open = () => {}

/** Shows the search for runs and pages. */
export const openPalette = () => open()

const KEYS = [
  ['Ctrl K', 'search for a run, or go to a page'],
  ['/', 'filter the list'],
  ['j, k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['Esc', 'close'],
  ['?', 'these keys'],
] as const

/** `words`: what else a person may call it. */
type Found = readonly [name: string, address: string, words?: string]

const isMeant = ([name, , words = '']: Found, text: string) =>
  `${name} ${words}`.toLowerCase().includes(text.trim().toLowerCase())

/** Conversations among which the palette looks: the newest ones. */
const MAX_THREADS = 200

const talkOf = ({ id, name, status }: Awaited<ReturnType<typeof client.threads.list>>[number]): Found => [
  `${name === undefined ? '' : `${name}  `}${id}  ${status}`,
  href(['threads', id]),
]

const pagesOfCaller = (): readonly Found[] => [
  ['Home', href([])],
  ['Runs', href(['runs'])],
  ['Failed runs', href(['runs'], { status: 'failed' })],
  ['Inbox', href(['inbox']), 'approve answer waits'],
  ['Conversations', href(['threads']), 'talk chat'],
  ['Agents', href(['agents']), 'goals'],
  ...starts(),
  ['Money', href(['money']), 'cost spent dollars'],
  ...(isMounted() ? [] : OF_SERVER),
]

const starts = (): readonly Found[] => {
  const kinds = kindsOfCaller()
  return STARTS.flatMap(([name, kind, words]) =>
    Object.hasOwn(kinds, kind) ? [[name, href(['start'], { kind }), words] as const] : [],
  )
}

const STARTS = [
  ['Start a workflow', 'workflow', ''],
  ['Start a pipeline', 'pipeline', ''],
  ['Start a text', 'text', 'samples yaml'],
  ['Talk with an agent', 'agent', ''],
] as const

/** The pages of a server that is not the one of a program. */
const OF_SERVER: readonly Found[] = [
  ['Pools', href(['machine'])],
  ['Load of the last hour', href(['machine'], { view: 'load' })],
  ['Schedules', href(['machine'], { view: 'schedules' })],
  ['Dead letters', href(['machine'], { view: 'letters' })],
  ['Many runs', href(['machine'], { view: 'bulks' }), 'bulk operations cancel resume fork'],
  ['Models', href(['machine'], { view: 'models' })],
  ['Budgets', href(['machine'], { view: 'budgets' })],
  ['Actors', href(['machine'], { view: 'actors' })],
  ['Actor tree', href(['machine'], { view: 'tree' })],
  ['Keys', href(['machine'], { view: 'keys' })],
  ['Audit', href(['machine'], { view: 'audit' }), 'approved who answered'],
  ['Cache', href(['machine'], { view: 'cache' })],
  ['Memory', href(['memory'])],
]

/** The palette of Ctrl-K, and the help of `?`. */
export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const [mode, setMode] = useState<'search' | 'keys'>('search')
  const [text, setText] = useState('')
  const found = useLoaded(`palette ${text}`, async () =>
    text.trim() === '' ? [] : client.runs.list({ text: text.trim(), limit: 8 }),
  )
  const threads = useLoaded(`palette-threads ${text.trim() !== ''}`, async () =>
    text.trim() === '' ? [] : client.threads.list({ limit: MAX_THREADS }),
  )
  const show = (next: 'search' | 'keys') => {
    setMode(next)
    setText('')
    if (!dialog.current?.open) dialog.current?.showModal()
  }
  open = () => show('search')
  // the field that comes after the keys have been shown; before the next paint, so that no key is lost
  useLayoutEffect(() => {
    if (dialog.current?.open) field.current?.focus()
  }, [mode])
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).closest?.('input, textarea, select')
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') show('search')
      else if (event.key === '?' && !isTyping) show('keys')
      else if (event.key === '/' && !isTyping) {
        const field = document.getElementById('search')
        if (!field) return
        field.focus()
      } else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  const runs = (found.value ?? []).map(
    ({ id, name, status }): Found => [`${name}  ${id}  ${status}`, href(['runs', id])],
  )
  const talks = text.trim() === '' ? [] : (threads.value ?? []).map(talkOf)
  const all = [...[...pagesOfCaller(), ...talks].filter((page) => isMeant(page, text)), ...runs]
  const goTo = (address: string) => {
    dialog.current?.close()
    go(address)
  }
  return (
    <dialog ref={dialog} class="palette" aria-label={mode === 'search' ? 'Search' : 'Keys'}>
      {mode === 'keys' ? (
        <dl class="keys">
          {KEYS.map(([key, does]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (all[0]) goTo(all[0][1])
          }}
        >
          <input
            ref={field}
            aria-label="Search runs, conversations and pages"
            placeholder="A run, a conversation or a page"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          {all.length === 0 && found.value && <p class="quiet small">No run, conversation or page has this name.</p>}
          <ul>
            {all.map(([name, address]) => (
              <li key={address}>
                <button type="button" class="plain" onClick={() => goTo(address)}>
                  {name}
                </button>
              </li>
            ))}
          </ul>
        </form>
      )}
    </dialog>
  )
}
