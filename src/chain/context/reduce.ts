import { type Context, isUsers, type Operation, type Rejected, type Treatment } from '../protocol/context-operations.ts'

/** Which messages there are, which of them were looked at, by which ask and when. */
export type Scope = {
  readonly known: ReadonlySet<number>
  readonly looked: ReadonlySet<number>
  readonly ask: string
  readonly at: number
}

/** The operations that changed something, and those that are not carried out, with why. */
export type Reduced = {
  readonly context: Context
  readonly changes: readonly Operation[]
  readonly rejected: readonly Rejected[]
}

/** What operations make of what is done to messages; for the same ones always the same. What was wanted of those that were looked at again is void. */
export function reduce(context: Context, operations: readonly Operation[], scope: Scope): Reduced {
  const start = {
    context: keepKnown(context, scope.known).map((one) => forget(one, scope.looked)),
    changes: [],
    rejected: [],
  }
  const reduced = operations.reduce<Reduced>((so, operation) => reduceOne(so, operation, scope), start)
  const changes = reduced.changes.filter(({ target }) => !isSame(find(context, target), find(reduced.context, target)))
  return { ...reduced, context: reduced.context.filter(isTold).toSorted((a, b) => a.message - b.message), changes }
}

/** Without what is done to messages that no prompt gets any more. */
export function keepKnown(context: Context, known: ReadonlySet<number>): Context {
  return context.filter(({ message }) => known.has(message))
}

/** The treatment of a message. */
export function find(context: Context, message: number): Treatment {
  return context.find((one) => one.message === message) ?? { message, inPrompts: 'whole' }
}

function reduceOne(so: Reduced, operation: Operation, scope: Scope): Reduced {
  const why = whyNot(operation, scope)
  if (why !== undefined) return { ...so, rejected: [...so.rejected, { operation, why }] }
  const next = after(find(so.context, operation.target), operation, scope)
  return { ...so, context: put(so.context, next), changes: [...so.changes, operation] }
}

function whyNot(operation: Operation, { known }: Scope): string | undefined {
  if (!known.has(operation.target)) return 'there is no such message among those that prompts get'
  if (!isUsers(operation.target) || isConsented(operation)) return undefined
  const asks = operation.operation === 'TRANSFORM' && operation.requiresConsent
  return asks ? undefined : 'it is its user who decides on that'
}

const isConsented = ({ reason }: Operation) => reason === 'user_consent'

function after(before: Treatment, operation: Operation, { ask, at }: Scope): Treatment {
  const { message } = before
  if (isConsented(operation)) return { message, ...shownBy(operation), decided: true }
  if (before.decided) return before
  if (operation.operation !== 'TRANSFORM' || !operation.requiresConsent)
    return { ...before, wanted: wantedBy(operation) }
  return before.question ? before : { ...before, question: { ask, at, length: operation.originalLength ?? 0 } }
}

function shownBy(operation: Operation): Pick<Treatment, 'inPrompts' | 'size'> {
  if (operation.operation === 'TRANSFORM') return { inPrompts: 'summary', size: operation.maxLength }
  return { inPrompts: operation.operation === 'PRUNE' ? 'removed' : 'whole' }
}

function wantedBy(operation: Operation): NonNullable<Treatment['wanted']> {
  const { inPrompts: as, size } = shownBy(operation)
  const { relevance = 0 } = operation as { readonly relevance?: number }
  return { as, relevance, ...(size !== undefined && { size }) }
}

function put(context: Context, next: Treatment): Context {
  return [...context.filter(({ message }) => message !== next.message), next]
}

function forget(one: Treatment, looked: ReadonlySet<number>): Treatment {
  const { wanted, ...rest } = one
  return looked.has(one.message) ? rest : one
}

/** Of one that is whole and that nobody was asked about, or has spoken of, there is nothing to tell. */
const isTold = ({ inPrompts, decided, wanted, question }: Treatment) =>
  inPrompts !== 'whole' || decided || wanted !== undefined || question !== undefined

function isSame(one: Treatment, other: Treatment): boolean {
  const told = ({ inPrompts, decided, wanted, question }: Treatment) => [inPrompts, decided, wanted?.as, question?.at]
  return told(one).every((value, at) => value === told(other)[at])
}
