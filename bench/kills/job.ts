// What each program is given: goals to work on, the model's address, and a tool with an effect outside.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const { KILLS_DESK, KILLS_GOALS = '', KILLS_FOLDER = '.', KILLS_ADDRESS = '' } = process.env

/** The ids of the goals that have no answer yet: a program gets them as it would get its mails or orders. */
export const goals: readonly string[] = KILLS_GOALS.split(',').filter(Boolean)
/** The folder for data, and the connection string of PostgreSQL. */
export const folder = KILLS_FOLDER
export const address = KILLS_ADDRESS
/** An OpenAI-compatible model behind this URL. */
export const modelUrl = `${KILLS_DESK}/v1`

/** The message that begins a goal. */
export const messageOf = (goal: string): string => `Goal ${goal}: append the lines 0 to 3, one after another.`

/** The tool. It appends a line to a file outside, and takes as long before as after it. */
export async function append({ goal, line }: { readonly goal: string; readonly line: number }): Promise<string> {
  await sleep(5)
  appendFileSync(`${KILLS_FOLDER}/../outside.txt`, `${goal} ${line}\n`)
  await sleep(5)
  return `appended ${line}`
}

/** The same by a service that books the line two seconds later. */
export async function appendLate({ goal, line }: { readonly goal: string; readonly line: number }): Promise<string> {
  await tell('lines', `${goal} ${line}`)
  return `appended ${line}`
}

/** Whether the line is in the file outside. */
export const isAppended = ({ goal, line }: { readonly goal: string; readonly line: number }): boolean =>
  readFileSync(`${KILLS_FOLDER}/../outside.txt`, 'utf8').split('\n').includes(`${goal} ${line}`)

const DOWN_MS = 60_000

/** Reaches the service, which is down for the minute after it was asked for the first time. */
export function ask(): void {
  const file = `${KILLS_FOLDER}/../asked.txt`
  try {
    writeFileSync(file, String(Date.now()), { flag: 'wx' })
  } catch {
    // it was asked before
  }
  if (Date.now() < Number(readFileSync(file, 'utf8')) + DOWN_MS) throw new Error('503 Service Unavailable')
}

/** Says that the program works, so it may be killed from now on. */
export const ready = (): Promise<void> => tell('ready', '')

/** Hands an answer in. */
export const answered = (goal: string, text: string): Promise<void> => tell(`answers/${goal}`, text)

async function tell(path: string, body: string): Promise<void> {
  await fetch(`${KILLS_DESK}/${path}`, { method: 'POST', body })
}
