import {
  type ContextOperation,
  isUserMessage,
  type MessageTreatment,
  type RejectedOperation,
  type Treatments,
} from '../protocol/context-operations.ts'

/** The existing messages, the reviewed ones (`looked`), and the ask that reviewed them. */
type ReductionScope = {
  readonly known: ReadonlySet<number>
  readonly looked: ReadonlySet<number>
  readonly ask: string
  readonly at: number
}

/** The operations that had an effect, and the rejected ones with a reason. */
type ReductionResult = {
  readonly context: Treatments
  readonly changes: readonly ContextOperation[]
  readonly rejected: readonly RejectedOperation[]
}

/** Applies operations to treatments. Deterministic. Earlier proposals for messages reviewed again are void. */
export function reduceTreatments(
  context: Treatments,
  operations: readonly ContextOperation[],
  scope: ReductionScope,
): ReductionResult {
  const start = {
    context: keepKnownTreatments(context, scope.known).map((one) => forget(one, scope.looked)),
    changes: [],
    rejected: [],
  }
  const reduced = operations.reduce<ReductionResult>((so, operation) => reduceOne(so, operation, scope), start)
  const changes = reduced.changes.filter(
    ({ target }) => !isSame(treatmentOf(context, target), treatmentOf(reduced.context, target)),
  )
  return {
    ...reduced,
    context: reduced.context.filter(isNotDefault).toSorted((a, b) => a.message - b.message),
    changes,
  }
}

/** Drops treatments of messages that no longer reach any prompt. */
export function keepKnownTreatments(context: Treatments, known: ReadonlySet<number>): Treatments {
  return context.filter(({ message }) => known.has(message))
}

export function treatmentOf(context: Treatments, message: number): MessageTreatment {
  return context.find((one) => one.message === message) ?? { message, inPrompts: 'whole' }
}

function reduceOne(so: ReductionResult, operation: ContextOperation, scope: ReductionScope): ReductionResult {
  const why = whyNot(operation, scope)
  if (why !== undefined) return { ...so, rejected: [...so.rejected, { operation, why }] }
  const next = after(treatmentOf(so.context, operation.target), operation, scope)
  return { ...so, context: put(so.context, next), changes: [...so.changes, operation] }
}

function whyNot(operation: ContextOperation, { known }: ReductionScope): string | undefined {
  if (!known.has(operation.target)) return 'prompts contain no such message'
  if (!isUserMessage(operation.target) || isConsented(operation)) return undefined
  const asks = operation.operation === 'TRANSFORM' && operation.requiresConsent
  return asks ? undefined : 'only the user may decide about a message of the user'
}

const isConsented = ({ reason }: ContextOperation) => reason === 'user_consent'

function after(before: MessageTreatment, operation: ContextOperation, { ask, at }: ReductionScope): MessageTreatment {
  const { message } = before
  if (isConsented(operation)) return { message, ...shownBy(operation), decided: true }
  if (before.decided) return before
  if (operation.operation !== 'TRANSFORM' || !operation.requiresConsent)
    return { ...before, wanted: wantedBy(operation) }
  return before.question ? before : { ...before, question: { ask, at, length: operation.originalLength ?? 0 } }
}

function shownBy(operation: ContextOperation): Pick<MessageTreatment, 'inPrompts' | 'size'> {
  if (operation.operation === 'TRANSFORM') return { inPrompts: 'summary', size: operation.maxLength }
  return { inPrompts: operation.operation === 'PRUNE' ? 'removed' : 'whole' }
}

function wantedBy(operation: ContextOperation): NonNullable<MessageTreatment['wanted']> {
  const { inPrompts: as, size } = shownBy(operation)
  const { relevance = 0 } = operation as { readonly relevance?: number }
  return { as, relevance, ...(size !== undefined && { size }) }
}

function put(context: Treatments, next: MessageTreatment): Treatments {
  return [...context.filter(({ message }) => message !== next.message), next]
}

function forget(one: MessageTreatment, looked: ReadonlySet<number>): MessageTreatment {
  const { wanted, ...rest } = one
  return looked.has(one.message) ? rest : one
}

/** Whether a treatment differs from the default, so that it must be stored. */
const isNotDefault = ({ inPrompts, decided, wanted, question }: MessageTreatment) =>
  inPrompts !== 'whole' || decided || wanted !== undefined || question !== undefined

function isSame(one: MessageTreatment, other: MessageTreatment): boolean {
  const compared = ({ inPrompts, decided, wanted, question }: MessageTreatment) => [
    inPrompts,
    decided,
    wanted?.as,
    question?.at,
  ]
  return compared(one).every((value, at) => value === compared(other)[at])
}
