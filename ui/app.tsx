import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Agents } from './agents/agents.tsx'
import { GoalPage } from './agents/goal.tsx'
import { ThreadPage } from './chat/thread.tsx'
import { Threads } from './chat/threads.tsx'
import { capitalized } from './lib/format.ts'
import { connection, followFeed, isOutdated } from './lib/live.ts'
import { useLoaded } from './lib/load.ts'
import { go, href, route } from './lib/router.ts'
import { client, isSignedOut, signIn } from './lib/server.ts'
import { Machine } from './machine/machine.tsx'
import { MemoryPage } from './memory/memory.tsx'
import { RecordPage } from './memory/record.tsx'
import { Home } from './pages/home.tsx'
import { Inbox } from './pages/inbox.tsx'
import { Money } from './pages/money.tsx'
import { RunPage } from './pages/run.tsx'
import { Runs } from './pages/runs.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Empty } from './parts/basics.tsx'
import { Guard } from './parts/guard.tsx'
import { Start } from './start/start.tsx'

let isFollowed = false

/** The frame of all pages: where one is, what is lost, and the page of the address. */
export function App() {
  useEffect(() => {
    if (!isFollowed) void followFeed()
    isFollowed = true
  }, [])
  if (isSignedOut.value) return <SignIn />
  return (
    <div class="frame">
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <Nav />
      <main id="page" tabIndex={-1}>
        <Banners />
        <Guard key={route.value.path.join('/')}>
          <Page />
        </Guard>
      </main>
      <Palette />
    </div>
  )
}

/** Titles that differ from the word in the address. */
const TITLES: { readonly [first: string]: string } = { threads: 'conversations' }

function Page() {
  const [first, second] = route.value.path
  useEffect(() => {
    document.title = `${second ?? capitalized(TITLES[first ?? ''] ?? first ?? 'home')} · antiphon`
  }, [first, second])
  if (first === undefined) return <Home />
  if (first === 'runs' && second === undefined) return <Runs />
  if (first === 'runs') return <RunPage id={second!} />
  if (first === 'inbox') return <Inbox />
  if (first === 'threads') return second === undefined ? <Threads /> : <ThreadPage id={second} />
  if (first === 'agents') return <Agents />
  if (first === 'goals' && second !== undefined) return <GoalPage id={second} />
  if (first === 'start') return <Start />
  if (first === 'money') return <Money />
  if (first === 'memory') return second === undefined ? <MemoryPage /> : <RecordPage id={second} />
  if (first === 'machine') return <Machine />
  return (
    <Empty title="There is no page at this address.">
      <p>
        <a href={href([])}>Go home</a>
      </p>
    </Empty>
  )
}

function Nav() {
  const waiting = useLoaded('nav-inbox', () => client.inbox.list({ limit: 100, content: 'none' }), ['inbox']).value
  const count = waiting?.filter(({ expects }) => expects.type !== 'nothing').length ?? 0
  const [first] = route.value.path
  const link = (name: string, path: readonly string[], label: ComponentChildren) => (
    <a href={href(path)} aria-current={first === path[0] ? 'page' : undefined}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={ICONS[name]} />
      </svg>
      {label}
    </a>
  )
  return (
    <nav aria-label="Pages">
      <a class="brand" href={href([])} aria-label="antiphon, home">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M3 15c3-8 6-8 9 0s6 8 9 0" />
          <path d="M3 9c3 8 6 8 9 0s6-8 9 0" class="second" />
        </svg>
        <span>antiphon</span>
      </a>
      {link('home', [], 'Home')}
      {link('runs', ['runs'], 'Runs')}
      {link('threads', ['threads'], 'Talk')}
      {link('agents', ['agents'], 'Agents')}
      {link('inbox', ['inbox'], <>Inbox {count > 0 && <b class="badge">{count > 99 ? '99+' : count}</b>}</>)}
      {link('memory', ['memory'], 'Memory')}
      {link('machine', ['machine'], 'Machine')}
      <button type="button" class="plain search-hint" onClick={() => openPalette()}>
        Search <kbd>Ctrl K</kbd>
      </button>
    </nav>
  )
}

const ICONS: { readonly [name: string]: string } = {
  home: 'M2 7.5L8 2.5l6 5V14h-4v-4H6v4H2z',
  runs: 'M2 4h8M2 8h12M2 12h6',
  threads: 'M2 3h12v8H7l-3 2.5V11H2z',
  agents: 'M4 6h8v7H4zM8 6V3M6.5 9v1M9.5 9v1',
  memory: 'M2 4c0-2.5 12-2.5 12 0v8c0 2.5-12 2.5-12 0zM2 4c0 2.5 12 2.5 12 0M2 8c0 2.5 12 2.5 12 0',
  machine: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01',
  inbox: 'M2 3h12v10H2zM2 9h3.5l1 2h3l1-2H14',
}

function Banners() {
  return (
    <div aria-live="polite">
      {connection.value === 'lost' && (
        <p class="banner" role="status">
          The server does not answer. What is shown may be old; the page comes back by itself.
          {signIn === 'code' && (
            <>
              {' '}
              If it has ended, run <code>antiphon ui</code> again.
            </>
          )}
        </p>
      )}
      {connection.value === 'unowned' && (
        <p class="banner" role="status">
          No process owns the folder now. What is shown may be old. Start your program, or <code>antiphon ui</code>{' '}
          again; the page comes back by itself.
        </p>
      )}
      {isOutdated.value && (
        <p class="banner" role="status">
          The server has newer pages.{' '}
          <button type="button" class="plain" onClick={() => location.reload()}>
            Reload
          </button>
        </p>
      )}
    </div>
  )
}

let openPalette = () => {}

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

/** The palette of Ctrl-K, and the help of `?`. */
function Palette() {
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
  openPalette = () => show('search')
  // the field that comes after the keys have been shown
  useEffect(() => {
    if (dialog.current?.open) field.current?.focus()
  }, [mode])
  useEffect(() => {
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
  const pages: readonly Found[] = [
    ['Home', href([])],
    ['Runs', href(['runs'])],
    ['Failed runs', href(['runs'], { status: 'failed' })],
    ['Inbox', href(['inbox']), 'approve answer waits'],
    ['Conversations', href(['threads']), 'talk chat'],
    ['Agents', href(['agents']), 'goals'],
    ['Start a workflow', href(['start'], { kind: 'workflow' })],
    ['Start a pipeline', href(['start'], { kind: 'pipeline' })],
    ['Start a text', href(['start'], { kind: 'text' }), 'samples yaml'],
    ['Talk with an agent', href(['start'], { kind: 'agent' })],
    ['Money', href(['money']), 'cost spent dollars'],
    ['Pools', href(['machine'])],
    ['Load of the last hour', href(['machine'], { view: 'load' })],
    ['Schedules', href(['machine'], { view: 'schedules' })],
    ['Dead letters', href(['machine'], { view: 'letters' })],
    ['Models', href(['machine'], { view: 'models' })],
    ['Budgets', href(['machine'], { view: 'budgets' })],
    ['Actors', href(['machine'], { view: 'actors' })],
    ['Actor tree', href(['machine'], { view: 'tree' })],
    ['Keys', href(['machine'], { view: 'keys' })],
    ['Audit', href(['machine'], { view: 'audit' }), 'approved who answered'],
    ['Cache', href(['machine'], { view: 'cache' })],
    ['Memory', href(['memory'])],
  ]
  const runs = (found.value ?? []).map(
    ({ id, name, status }): Found => [`${name}  ${id}  ${status}`, href(['runs', id])],
  )
  const talks = text.trim() === '' ? [] : (threads.value ?? []).map(talkOf)
  const all = [...[...pages, ...talks].filter((page) => isMeant(page, text)), ...runs]
  const open = (address: string) => {
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
            if (all[0]) open(all[0][1])
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
                <button type="button" class="plain" onClick={() => open(address)}>
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
