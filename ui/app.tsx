import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { firstWaiting } from './inbox/waiting.ts'
import { capitalized } from './lib/format.ts'
import { connection, followFeed, isOutdated, openings } from './lib/live.ts'
import { useLoaded } from './lib/load.ts'
import { href, route } from './lib/router.ts'
import {
  areRightsKnown,
  areRightsSaid,
  hasInbox,
  heldScopes,
  isMounted,
  isSignedOut,
  may,
  mayUseCommands,
  readRights,
  signIn,
  signOut,
} from './lib/server.ts'
import { Home } from './pages/home.tsx'
import { Inbox } from './pages/inbox.tsx'
import { loadOthers, OtherPage } from './pages/other-page.tsx'
import { RunPage } from './pages/run.tsx'
import { Runs } from './pages/runs.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Empty, Loading } from './parts/basics.tsx'
import { Guard } from './parts/guard.tsx'
import { openPalette, Palette } from './parts/palette.tsx'

let isFollowed = false

/** ms after which the other pages are loaded. */
const OTHERS_AFTER_MS = 1000

/** The frame of all pages: where one is, what is lost, and the page of the address. */
export function App() {
  const isOut = isSignedOut.value
  useEffect(() => {
    if (!areRightsSaid()) void readRights()
  }, [openings.value])
  const isKnown = areRightsKnown()
  // once the first page stands, a server that ends takes no other page away
  useEffect(() => {
    const timer = setTimeout(() => loadOthers().catch(() => {}), OTHERS_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  const mayFollow = isKnown && may('read', 'talk')
  useEffect(() => {
    if (mayFollow && !isFollowed) void followFeed(() => (may('read') ? 'runs,inbox,threads' : 'threads'))
    isFollowed ||= mayFollow
  }, [mayFollow])
  if (isOut) return <SignIn />
  if (!isKnown) return <Loading />
  return (
    <div class="frame">
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <Nav />
      <main id="page" tabIndex={-1}>
        <Banners />
        <Guard key={route.value.path.join('/')}>{may('read') ? <Page /> : <OwnPage />}</Guard>
        <SignOut />
      </main>
      {may('read') && <Palette />}
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
  return <OtherPage>{({ otherPage }) => otherPage(first, second) ?? <NoPage />}</OtherPage>
}

/** With `audit` alone, the inbox has what was decided. */
const hasInboxPage = () => hasInbox() || may('audit')

/** The page of a caller without `read`: its conversations, or what it may answer or look back at. */
function OwnPage() {
  if (hasInboxPage() && (!may('talk') || route.value.path[0] === 'inbox')) return <Inbox />
  return may('talk') ? <OtherPage>{({ TalkPages }) => <TalkPages />}</OtherPage> : <NothingToRead />
}

const NoPage = () => <Empty title="There is no page at this address." way={[href([]), 'Go home']} />

/** A caller that may neither read, nor talk, nor answer anything has nothing to see here. */
const NothingToRead = () => (
  <Empty title="You may not read the work on this server.">
    The dashboard needs the scope <code>read</code>. Ask the operator of the server for it.
    {heldScopes().length > 0 && ` You have ${heldScopes().join(', ')}, which is of use through the API.`}
  </Empty>
)

/** Items of the inbox that are counted beside its name. */
const MAX_COUNTED = 99

function Nav() {
  const read = async () => (hasInbox() ? firstWaiting(MAX_COUNTED + 1) : [])
  const count = useLoaded('nav-inbox', read, ['inbox', 'threads']).value?.length ?? 0
  const [first] = route.value.path
  const link = (name: string, path: readonly string[], label: ComponentChildren) => (
    <a href={href(path)} aria-current={first === path[0] ? 'page' : undefined}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={ICONS[name]} />
      </svg>
      {label}
    </a>
  )
  const badge = count > 0 && <b class="badge">{count > MAX_COUNTED ? `${MAX_COUNTED}+` : count}</b>
  const inbox = link('inbox', ['inbox'], <>Inbox {badge}</>)
  return (
    <nav aria-label="Pages">
      <a class="brand" href={href([])} aria-label="antiphon, home">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M3 15c3-8 6-8 9 0s6 8 9 0" />
          <path d="M3 9c3 8 6 8 9 0s6-8 9 0" class="second" />
        </svg>
        <span>antiphon</span>
      </a>
      {!may('read') && may('talk') && link('threads', [], 'Talk')}
      {!may('read') && hasInboxPage() && inbox}
      {may('read') && (
        <>
          {link('home', [], 'Home')}
          {link('runs', ['runs'], 'Runs')}
          {link('threads', ['threads'], 'Talk')}
          {link('agents', ['agents'], 'Agents')}
          {inbox}
          {!isMounted() && link('memory', ['memory'], 'Memory')}
          {!isMounted() && link('machine', ['machine'], 'Machine')}
          <button type="button" class="plain search-hint" onClick={() => openPalette()}>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d={ICONS.search} />
            </svg>
            Search <kbd>Ctrl K</kbd>
          </button>
        </>
      )}
      <SignOut />
    </nav>
  )
}

/** A session by cookie ends here; the login of a program ends it elsewhere. A phone has the button below the page. */
const SignOut = () =>
  signIn === 'none' ? null : (
    <button type="button" class="plain sign-out" onClick={() => void signOut()}>
      Sign out
    </button>
  )

const ICONS: { readonly [name: string]: string } = {
  home: 'M2 7.5L8 2.5l6 5V14h-4v-4H6v4H2z',
  runs: 'M2 4h8M2 8h12M2 12h6',
  threads: 'M2 3h12v8H7l-3 2.5V11H2z',
  agents: 'M4 6h8v7H4zM8 6V3M6.5 9v1M9.5 9v1',
  memory: 'M2 4c0-2.5 12-2.5 12 0v8c0 2.5-12 2.5-12 0zM2 4c0 2.5 12 2.5 12 0M2 8c0 2.5 12 2.5 12 0',
  machine: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01',
  inbox: 'M2 3h12v10H2zM2 9h3.5l1 2h3l1-2H14',
  search: 'M10.5 10.5L14 14M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z',
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
          No process owns the folder now. What is shown may be old; the page comes back by itself.
          {mayUseCommands() && (
            <>
              {' '}
              Start your program, or <code>antiphon ui</code> again.
            </>
          )}
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
