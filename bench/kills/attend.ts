import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A person who reads the inbox of a product, looks into the file outside, and says whether a call took place. */
export interface Attendant {
  /** Answers what the inbox asks. Resolves with how many questions it answered. */
  look(): Promise<number>
}

type Place = { readonly data: string; readonly outside: string }

/** The persons, by the name of the program. Where there is none, nobody is asked. */
export const ATTENDANTS: { readonly [program: string]: (place: Place) => Attendant } = {
  antiphon: settleByHand,
  'antiphon-asks': settleByHand,
  'antiphon-asks-late': settleByHand,
}

type Question = {
  readonly run: string
  readonly step: string
  readonly kind: string
  readonly content: { readonly goal: string; readonly line: number }
}

function settleByHand({ data, outside }: Place): Attendant {
  const command = join(import.meta.dirname, '../../bin/antiphon.js')
  const antiphon = (...args: readonly string[]) => run(process.execPath, [command, ...args], { cwd: data })
  return {
    async look() {
      const { stdout } = await antiphon('inbox', '--json')
      const questions = (JSON.parse(stdout) as readonly Question[]).filter(({ kind }) => kind === 'unknown')
      if (questions.length === 0) return 0
      const lines = new Set((await readFile(outside, 'utf8')).split('\n'))
      for (const { run, step, content } of questions) {
        const isDone = lines.has(`${content.goal} ${content.line}`)
        await antiphon(
          'settle',
          run,
          step,
          ...(isDone ? ['done', '--result', `"appended ${content.line}"`] : ['not-done']),
        )
      }
      return questions.length
    },
  }
}
