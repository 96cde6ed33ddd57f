import { type ComponentChildren, createContext } from 'preact'
import { useContext, useState } from 'preact/hooks'
import { command } from '../lib/commands.ts'
import { isTold } from '../lib/live.ts'
import { type Failure, failureOf, type Loaded, OWN_CODE, useFailure } from '../lib/load.ts'
import { mayUseCommands } from '../lib/server.ts'

/** The shapes of statuses: each is told apart without its colour. */
const SHAPES: { readonly [status: string]: ComponentChildren } = {
  completed: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="M4.8 8.3l2.2 2.2 4.2-4.6" class="ink" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" class="ink" />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6.2" class="line" />
      <path d="M8 8V1.8A6.2 6.2 0 0 1 8 14.2Z" class="fill" />
    </>
  ),
  waiting: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" rx="3" class="line" />
      <path d="M6 5v6M10 5v6" class="stroke" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6.2" class="line" />
      <path d="M3.6 12.4l8.8-8.8" class="stroke" />
    </>
  ),
  queued: <circle cx="8" cy="8" r="6.2" class="line dotted" />,
  skipped: <path d="M3 4.5L7.5 8 3 11.5M8.5 4.5L13 8l-4.5 3.5" class="stroke" />,
}

/** A status: a shape, and its word unless the word stands beside it. */
export function Status({ of, quiet = false }: { readonly of: string; readonly quiet?: boolean }) {
  return (
    <span class={`status is-${of}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {SHAPES[of] ?? SHAPES.queued}
      </svg>
      <span class={quiet ? 'unseen' : ''}>{of}</span>
    </span>
  )
}

/** The three states of what is read: they look different. */
export function Loading({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} class="bone" />
      ))}
    </div>
  )
}

type EmptyProps = {
  readonly title: string
  /** the address of what there is instead, and its name */
  readonly way?: readonly [address: string, name: string]
  readonly children?: ComponentChildren
}

export function Empty({ title, way, children }: EmptyProps) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {way && (
        <p>
          <a href={way[0]}>{way[1]}</a>
        </p>
      )}
      {children && <p class="quiet">{children}</p>}
    </div>
  )
}

/** A bar as long as its share of 1. */
export const Length = ({ share, height = 6 }: { readonly share: number; readonly height?: number }) => (
  <svg class="length" aria-hidden="true">
    <rect class="track" width="100%" height={height} rx={height / 2} />
    <rect width={`${share * 100}%`} height={height} rx={height / 2} />
  </svg>
)

export function Failed({ failure, retry }: { readonly failure: Failure; retry?(): void }) {
  const { code, message, hint, request, line } = failure
  return (
    <div class="failed-box" role="alert">
      <p>
        <Status of="failed" quiet />{' '}
        <strong>
          {line !== undefined && `Line ${line}: `}
          {message}
        </strong>
      </p>
      {hint && <p class="quiet">{hint}</p>}
      <p class="quiet small">
        {code !== OWN_CODE && <code>{code}</code>}
        {request && (
          <>
            {' '}
            · request <code>{request}</code>
          </>
        )}
        {retry && (
          <>
            {' · '}
            <button type="button" class="plain" onClick={retry}>
              Try again
            </button>
          </>
        )}
      </p>
    </div>
  )
}

/** A value that is read: what it looks like while it is not there, and when it is. A banner tells a lost server once. */
export function Shown<Value>({
  of,
  lines,
  children,
}: {
  readonly of: Loaded<Value>
  readonly lines?: number
  children(value: Value): ComponentChildren
}) {
  const { failure } = of
  const box = failure && !isTold(failure.code) && <Failed failure={failure} retry={of.reload} />
  if (of.value === undefined)
    return box || (failure ? <p class="quiet">Not read yet.</p> : <Loading lines={lines ?? 3} />)
  return (
    <>
      {box}
      {children(of.value)}
    </>
  )
}

export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard?.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <button type="button" class="plain copy" title={text} onClick={copy}>
      {isCopied ? 'Copied' : label}
    </button>
  )
}

/** The button below a list that is not whole. */
export const ShowMore = ({ more }: { readonly more: () => void }) => (
  <p class="more">
    <button type="button" onClick={more}>
      Show more
    </button>
  </p>
)

/** The command that does the same as a button. */
export function Command({ words }: { readonly words: readonly string[] }) {
  if (!mayUseCommands()) return null
  const text = command(...words)
  return (
    <p class="command">
      <code>{text}</code>
      <Copy text={text} label="Copy" />
    </p>
  )
}

/** The words of a command, or the text of several lines. */
type CommandText = readonly string[] | string

export const CopyCommand = ({ words, label }: { readonly words: CommandText; readonly label: string }) =>
  mayUseCommands() ? <Copy text={typeof words === 'string' ? words : command(...words)} label={label} /> : null

/** Characters of a value that are shown at first. */
const MAX_SHOWN = 256 * 1024

/** A value as text: never as markup. A long one is cut. */
export function Text({ of, name }: { readonly of: string; readonly name: string }) {
  const [isWhole, setWhole] = useState(false)
  const isLong = of.length > MAX_SHOWN
  return (
    <section class="text-box" aria-label={name}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard */}
      <pre tabIndex={0}>{isLong && !isWhole ? of.slice(0, MAX_SHOWN) : of}</pre>
      <p class="box-tools">
        <Copy text={of} label="Copy" />
        {isLong && (
          <>
            {!isWhole && (
              <button type="button" class="plain" onClick={() => setWhole(true)}>
                Show all {Math.round(of.length / 1024)} KiB
              </button>
            )}
            <button type="button" class="plain" onClick={() => download(of, `${name}.txt`)}>
              Download
            </button>
          </>
        )}
      </p>
    </section>
  )
}

const download = (text: string, name: string) => offer(new Blob([text], { type: 'text/plain' }), name)

/** Has the browser save a file. */
export function offer(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

type Shared = { readonly isBusy: boolean; setBusy(isBusy: boolean): void; fail(failure: Failure | undefined): void }

const Together = createContext<Shared | undefined>(undefined)

/** Buttons of which one works at a time. The failure of the last one stands below them all. */
export function Actions({ children }: { readonly children: ComponentChildren }) {
  const [isBusy, setBusy] = useState(false)
  const [failure, fail] = useFailure()
  return (
    <Together.Provider value={{ isBusy, setBusy, fail }}>
      <p class="buttons">{children}</p>
      {failure && <Failed failure={failure} />}
    </Together.Provider>
  )
}

/** A button whose work is shown while it lasts; its failure stands behind it. */
export function Action({
  label,
  does,
  kind = '',
  disabled = false,
  copies,
}: {
  readonly label: string
  does(): Promise<unknown>
  readonly kind?: string
  readonly disabled?: boolean
  /** the command that does the same, where none stands below */
  readonly copies?: CommandText
}) {
  const shared = useContext(Together)
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useFailure()
  const fail = shared?.fail ?? setFailure
  const work = (isNow: boolean) => {
    setBusy(isNow)
    shared?.setBusy(isNow)
  }
  const act = async () => {
    work(true)
    fail(undefined)
    try {
      await does()
    } catch (error) {
      fail(failureOf(error))
    } finally {
      work(false)
    }
  }
  return (
    <span class="action">
      <button type="button" class={kind} disabled={isBusy || shared?.isBusy || disabled} onClick={act}>
        {isBusy ? 'Working …' : label}
      </button>
      {copies && <CopyCommand words={copies} label="Copy command" />}
      {failure && <Failed failure={failure} />}
    </span>
  )
}
