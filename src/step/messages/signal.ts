import { hash } from 'node:crypto'
import { z } from 'zod'
import type { By } from '../../house/by.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { StepTry } from '../record/step.ts'

/**
 * A value from outside that a step awaits or will await. The reply is `taken` or `kept`. `answers: false`: its sender
 * may not answer for a person, so no question to a person takes it; `machine: false`: the same for a machine. `by`: its
 * sender; `at`: when the run got it. `id`: its sender repeats it under this id. `again`: the step that should have
 * judged it had ended. `room`: what a step may keep in all while its code is not here.
 */
export type Signal = {
  readonly type: 'signal'
  readonly name: string
  readonly value: Json
  readonly answers?: false
  readonly machine?: false
  readonly by?: By
  readonly at?: number
  readonly id?: string
  readonly again?: true
  readonly room?: SignalRoom
}

/** A number of signals, and the characters of their values. */
export type SignalRoom = { readonly count: number; readonly size: number }

export const signalNameSchema = z.string().min(1, 'a name is expected').max(200, 'up to 200 characters are expected')

/** The reply to a signal. `of` identifies its name and value, so that it does not pass for another's reply. */
export type SignalReceipt = { readonly status: 'taken' | 'kept' | 'late'; readonly of: string }

export function receiptOf(status: SignalReceipt['status'], signal: Pick<Signal, 'name' | 'value'>): SignalReceipt {
  return { status, of: contentOf(signal) }
}

/** Identifies the name and the value of a signal. The order of fields does not matter. */
export function contentOf({ name, value }: Pick<Signal, 'name' | 'value'>): string {
  const text = JSON.stringify([name, value], (_, each) => (isJsonObject(each) ? sorted(each) : each))
  return hash('sha256', text, 'base64url').slice(0, 22)
}

const sorted = (map: JsonObject) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The data of the problem of a signal that has come before, and that its step has not judged yet. */
export const IN_JUDGEMENT = { waits: 'judgement' } as const

/** The part of a run that remembers a signal with this id. */
export const senderPart = (id: string) => `sender/${hash('sha256', id).slice(0, 32)}`

/**
 * A step waits for a signal. `unmade`: it has not made its call, which a person has to approve first. `url`: a machine
 * sends it. `tries`: its failed attempts that no event has told. `parked`: the signals that it parks; `waits`: code
 * that is not here judges them. `lacksCode`: the first of them came. `after`: the one before was parked or refused.
 */
export type AwaitSignal = {
  readonly type: 'await'
  readonly step: string
  readonly name: string
  readonly title: string
  readonly unmade?: true
  readonly url?: true
  readonly tries?: readonly StepTry[]
  readonly parked?: SignalRoom & { readonly waits?: true }
  readonly lacksCode?: true
  readonly after?: { readonly id?: string; readonly isParked: boolean }
}
