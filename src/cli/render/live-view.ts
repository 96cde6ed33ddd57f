import { goalRef, runRef } from '../../house/actors.ts'
import type { Client } from '../../http/client/client.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import { present } from '../../lib/json/present.ts'
import type { Why } from '../../runtime/ports/inspector.ts'
import { applyAskEvent, INITIAL_ASK_PROGRESS } from '../progress/ask-progress.ts'
import { applyGoalEvent, INITIAL_GOAL_PROGRESS } from '../progress/goal-progress.ts'
import { applyRunEvent, INITIAL_RUN_PROGRESS } from '../progress/run-progress.ts'
import { longCalls, type Stall, watchWaits } from '../progress/stalls.ts'
import { escapeControls, indentLines, singleLine } from '../terminal/escape.ts'
import { fitLine } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { drawAsk, drawRun, type Frame } from './draw.ts'
import { drawGoal, goalLines } from './draw-goal.ts'
import { askLine, runLine, runStatusLine } from './event-lines.ts'

/** Shows progress on stderr: redrawn on a screen, otherwise line by line. */
export interface LiveView {
  take(body: Json): void
  /** Stops drawing while a person is asked, until `release`. */
  hold(): void
  release(): void
  /** Leaves the last picture standing; may be called twice. */
  close(): void
}

/** A run's view; `client` knows its commits and what it waits for. `elsewhere` finds waits without an event. */
export async function viewRun(
  terminal: Terminal,
  client: Client,
  id: string,
  elsewhere: (why: Why) => readonly Stall[],
): Promise<LiveView> {
  let progress = INITIAL_RUN_PROGRESS
  const rates = liveRates(client, () => progress.done)
  const why = () => client.inspector.why(nameOf(runRef(id)))
  const stalls = showStalls(terminal, why, (now) => [...longCalls(now, Date.now()), ...elsewhere(now)])
  const draw = (frame: Frame) => stalls.below(frame, (rest) => drawRun(progress, { ...rest, rates: rates.now() }))
  const say = (body: Json) => runLine(progress, body, terminal.colors)
  const advance = (body: Json) => {
    progress = applyRunEvent(progress, body)
  }
  if (terminal.live) return stalls.with(await liveView(terminal, advance, draw, rates.sample))
  return stalls.with(plainView(terminal, advance, say, () => runStatusLine(progress)))
}

/** Shows what stands still without an event that says so: below a picture, otherwise once as a line. */
function showStalls(terminal: Terminal, why: () => Promise<Why>, stallsIn: (why: Why) => readonly Stall[]) {
  const printed = new Set<string>()
  let lines: readonly string[] = []
  const end = watchWaits(why, (now) => {
    const stalls = stallsIn(now)
    lines = stalls.map(({ line }) => line)
    if (terminal.live) return
    for (const { key, line } of stalls) {
      if (!printed.has(key)) terminal.say(line)
      printed.add(key)
    }
  })
  return {
    below: (frame: Frame, draw: (rest: Frame) => readonly string[]) => [
      ...draw({ ...frame, rows: frame.rows - lines.length }),
      ...lines.map((line) => fitLine(line, frame.columns)),
    ],
    with: (view: LiveView): LiveView => ({
      ...view,
      close() {
        end()
        view.close()
      },
    }),
  }
}

/** An ask's view; `decide` is the command for its decision. */
export async function viewAsk(terminal: Terminal, decide: string): Promise<LiveView> {
  let progress = INITIAL_ASK_PROGRESS
  const advance = (body: Json) => {
    progress = applyAskEvent(progress, body)
  }
  if (terminal.live) return liveView(terminal, advance, (frame) => drawAsk(progress, frame, decide))
  return plainView(terminal, advance, (body) => askLine(body, terminal.colors, decide))
}

/** A goal's view. Without a screen, the lines for its events, the first of which is `opening`. */
export async function viewGoal(
  terminal: Terminal,
  client: Client,
  { id, opening }: { readonly id: string; readonly opening: string },
): Promise<LiveView> {
  let progress = INITIAL_GOAL_PROGRESS
  const advance = (body: Json) => {
    progress = applyGoalEvent(progress, body)
  }
  const why = () => client.inspector.why(nameOf(goalRef(id)))
  const stalls = showStalls(terminal, why, (now) => longCalls(now, Date.now()))
  const draw = (frame: Frame) => stalls.below(frame, (rest) => drawGoal(progress, rest))
  if (terminal.live) return stalls.with(await liveView(terminal, advance, draw))
  return stalls.with({
    take(body) {
      for (const line of goalLines(body, opening)) terminal.say(line)
    },
    hold: () => {},
    release: () => {},
    close: () => {},
  })
}

type Advance = (body: Json) => void

async function liveView(
  terminal: Terminal,
  advance: Advance,
  draw: (frame: Frame) => readonly string[],
  tick?: () => void,
): Promise<LiveView> {
  // output into a file or a log does not wait for it
  const { createLogUpdate } = await import('log-update')
  const screen = createLogUpdate(process.stderr)
  const begun = performance.now()
  let held = false
  const redraw = () => {
    if (held) return
    const { colors, rows, columns } = terminal
    const frame = { colors, elapsed: performance.now() - begun, now: Date.now(), rows: rows - 4, columns }
    screen(escapeControls(draw(frame).map(singleLine).join('\n')))
  }
  const pictures = setInterval(redraw, 100)
  const ticks = setInterval(() => tick?.(), 500)
  let closed = false
  return {
    take: advance,
    hold() {
      redraw()
      screen.done()
      held = true
    },
    release: () => void (held = false),
    close() {
      if (closed) return
      closed = true
      clearInterval(pictures)
      clearInterval(ticks)
      redraw()
      screen.done()
    },
  }
}

const STATUS_INTERVAL_MS = 10_000

function plainView(
  terminal: Terminal,
  advance: Advance,
  lineOf: (body: Json) => string | undefined,
  standing?: () => string,
): LiveView {
  let said = ''
  const life = setInterval(() => {
    const line = standing?.() ?? said
    if (line !== said) terminal.say(line)
    said = line
  }, STATUS_INTERVAL_MS)
  return {
    take(body) {
      advance(body)
      const line = lineOf(body)
      if (line !== undefined) terminal.say(indentLines(line))
    },
    hold: () => {},
    release: () => {},
    close: () => clearInterval(life),
  }
}

function liveRates(client: Client, done: () => number) {
  let isTold = true
  let steps: readonly Sample[] = []
  let commits: readonly Sample[] = []
  return {
    sample() {
      steps = addSample(steps, { at: performance.now(), value: done() })
      if (!isTold) return
      client.status().then(
        ({ engine }) => {
          if (engine) commits = addSample(commits, { at: performance.now(), value: engine.commits })
        },
        // the caller may not have the right to see the status
        () => void (isTold = false),
      )
    },
    now() {
      const rates = { steps: rateOf(steps), commits: rateOf(commits) }
      return present({ steps: rates.steps, commits: rates.commits })
    },
  }
}

/** A count at a moment (ms). */
export type Sample = { readonly at: number; readonly value: number }

const RATE_WINDOW_MS = 5_000

/** The samples of the last five seconds, with one more. */
export function addSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  return [...samples.filter(({ at }) => at >= next.at - RATE_WINDOW_MS), next]
}

/** The growth of the count per second; undefined with too few samples. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.at - first.at < 500) return undefined
  return ((last.value - first.value) / (last.at - first.at)) * 1000
}
