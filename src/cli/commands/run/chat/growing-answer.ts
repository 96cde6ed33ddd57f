import type { Json } from '../../../../kernel/json.ts'
import { writtenOn } from '../../../progress/ask-progress.ts'
import type { GoalEventBody } from '../../../progress/goal-progress.ts'
import type { Terminal } from '../../../terminal/terminal.ts'

/** The answer of a conversation, shown while the model writes it. */
export interface GrowingAnswer {
  /** Takes an event of a goal. Returns it without the text that was shown already. */
  take(body: Json): Json
  /** Whether the last round, with this whole text, was shown. It then counts as not shown. */
  wasShown(text: string): boolean
}

/** Shows nothing: the reply is printed as a whole. */
const UNSHOWN: GrowingAnswer = { take: (body) => body, wasShown: () => false }

/**
 * Prints each line of an answer when it is complete. The line that grows stands above the line that the person types.
 * Without a screen for both, it shows nothing.
 */
export function growingAnswer(terminal: Terminal): GrowingAnswer {
  const { preview } = terminal
  if (!preview || !terminal.outLive) return UNSHOWN
  let draft = ''
  /** the characters that were printed, with their line breaks */
  let printed = 0
  let shown: string | undefined

  function forget(): void {
    preview!('')
    draft = ''
    printed = 0
  }

  function restart(): void {
    if (printed > 0) terminal.say('The model begins this answer again.')
    forget()
  }

  function grow({ text, at }: { readonly text: string; readonly at: number }): void {
    // this terminal was not there from the beginning of the round
    if (at > draft.length) return
    if (at < printed) restart()
    draft = writtenOn({ draft }, { text, at })
    const end = draft.lastIndexOf('\n')
    if (end >= printed) {
      preview!('')
      terminal.out(draft.slice(printed, end))
      printed = end + 1
    }
    preview!(lastPart(draft.slice(printed), terminal))
  }

  return {
    take(body) {
      const event = body as GoalEventBody
      if (event.type === 'text-delta') grow(event)
      else if (event.type === 'text-restart') restart()
      else if (event.type === 'round') {
        const isWhole = draft !== '' && draft === event.text
        const rest = draft.slice(printed)
        forget()
        shown = undefined
        if (!isWhole) return body
        if (rest !== '') terminal.out(rest)
        shown = event.text
        return { ...event, text: '' }
      }
      return body
    },
    wasShown(text) {
      const was = shown === text
      shown = undefined
      return was
    },
  }
}

/** The end of a line that takes at most half of the screen. */
function lastPart(line: string, { rows, columns }: Terminal): string {
  const room = columns * Math.max(1, Math.floor(rows / 2)) - 1
  return line.length <= room ? line : `…${line.slice(1 - room)}`
}
