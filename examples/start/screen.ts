import { createLogUpdate } from 'log-update'
import { type AskProgress, applyAskEvent, INITIAL_ASK_PROGRESS } from '../../src/cli/progress/ask-progress.ts'
import { applyRunEvent, INITIAL_RUN_PROGRESS, type RunProgress } from '../../src/cli/progress/run-progress.ts'
import { drawAsk, drawRun } from '../../src/cli/render/draw.ts'
import { askLine, runLine } from '../../src/cli/render/event-lines.ts'
import { addSample, rateOf, type Sample } from '../../src/cli/render/live-view.ts'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'
import type { Json } from '../../src/kernel/schema.ts'

/** What a person sees while it works: a live tree on a screen, lines elsewhere. */
export interface Screen {
  readonly run: RunProgress
  takeRun(body: Json): void
  takeAsk(id: string, body: Json): void
  /** Durable commits so far, of the process that is up. */
  count(commits: number): void
  /** Says something that stays. */
  say(text: string): void
  close(): void
}

export function openScreen(terminal: Terminal): Screen {
  const { colors } = terminal
  const begun = performance.now()
  const live = terminal.live ? createLogUpdate(process.stderr) : undefined
  const asks = new Map<string, AskProgress>()
  let run = INITIAL_RUN_PROGRESS
  let steps: readonly Sample[] = []
  let commits: readonly Sample[] = []

  function draw(): readonly string[] {
    const elapsed = performance.now() - begun
    const rates = { ...rate('steps', steps), ...rate('commits', commits) }
    const frame = { colors, elapsed, now: Date.now(), columns: terminal.columns }
    const trees = [...asks.values()].map((ask) => drawAsk(ask, { ...frame, rows: 2 }))
    return [...drawRun(run, { ...frame, rates, rows: 6 }), ...trees.flat()]
  }

  const redraw = () => live?.(draw().join('\n'))
  const pictures = live && setInterval(redraw, 80)
  const tell = (line: string | undefined) => {
    if (line !== undefined && !live) terminal.say(line)
  }

  return {
    get run() {
      return run
    },
    takeRun(body) {
      run = applyRunEvent(run, body)
      steps = addSample(steps, { at: performance.now(), value: run.done })
      tell(runLine(run, body, colors))
    },
    takeAsk(id, body) {
      asks.set(id, applyAskEvent(asks.get(id) ?? INITIAL_ASK_PROGRESS, body))
      const line = askLine(body, colors)
      // what was skipped is no news, and two questions are told apart by their number
      if (line !== undefined && (body as { status?: string }).status !== 'skipped')
        tell(`  question ${[...asks.keys()].indexOf(id) + 1}${line}`)
    },
    count(value) {
      // a process that starts anew counts anew
      const kept = value < (commits.at(-1)?.value ?? 0) ? [] : commits
      commits = addSample(kept, { at: performance.now(), value })
    },
    say(text) {
      live?.clear()
      terminal.say(text)
      redraw()
    },
    close() {
      clearInterval(pictures)
      redraw()
      live?.done()
    },
  }
}

function rate(name: 'steps' | 'commits', samples: readonly Sample[]): { readonly [name: string]: number } {
  const value = rateOf(samples)
  return value === undefined ? {} : { [name]: value }
}
