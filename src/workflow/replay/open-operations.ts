import type { OperationType, WorkflowOperation } from './operation.ts'

/** An operation that the function awaits. */
type Waiting = { readonly type: OperationType; resolve(value: unknown): void; reject(error: unknown): void }

/** The operations that have not ended, in their order, each with the promise that the function awaits. */
export class OpenOperations {
  private readonly waiting = new Map<number, Waiting>()
  private readonly counts = new Map<OperationType, number>()

  get numbers(): readonly number[] {
    return [...this.waiting.keys()]
  }

  get size(): number {
    return this.waiting.size
  }

  has(number: number): boolean {
    return this.waiting.has(number)
  }

  countOf(type: OperationType): number {
    return this.counts.get(type) ?? 0
  }

  add({ number, type }: Pick<WorkflowOperation, 'number' | 'type'>): Promise<unknown> {
    this.counts.set(type, this.countOf(type) + 1)
    const promise = new Promise((resolve, reject) => this.waiting.set(number, { type, resolve, reject }))
    // a branch that nobody awaits yet is no stray error
    promise.catch(() => {})
    return promise
  }

  /** Takes an operation that ends; undefined: it has ended. */
  take(number: number): Waiting | undefined {
    const waiting = this.waiting.get(number)
    if (!waiting) return undefined
    this.waiting.delete(number)
    this.counts.set(waiting.type, this.countOf(waiting.type) - 1)
    return waiting
  }
}
