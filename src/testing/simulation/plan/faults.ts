import type { Fault, Plan } from './plan.ts'

type Of<Type extends Fault['type']> = Extract<Fault, { type: Type }>
type FlushFault = Extract<Fault, { flush: number }>
export type StepFault = Extract<Fault, { step: number }>

/** The faults of a plan as their time comes; flushes and calls of effects are counted over all lives. */
export interface Faults {
  atStep(step: number): readonly StepFault[]
  nextFlush(): <Type extends FlushFault['type']>(type: Type) => Of<Type> | undefined
  nextCall(): Of<'effect'>['problem'] | undefined
  /** From now on nothing goes wrong. */
  heal(): void
}

export function createFaults({ faults }: Plan): Faults {
  let flushes = 0
  let calls = 0
  let left = faults
  return {
    atStep: (step) => left.filter((fault): fault is StepFault => 'step' in fault && fault.step === step),
    nextFlush() {
      flushes++
      const n = flushes
      const mine = left.filter((fault) => 'flush' in fault && fault.flush === n)
      return <Type extends FlushFault['type']>(type: Type) =>
        mine.find((fault): fault is Of<Type> => fault.type === type)
    },
    nextCall() {
      calls++
      return left.find((fault): fault is Of<'effect'> => fault.type === 'effect' && fault.call === calls)?.problem
    },
    heal: () => void (left = []),
  }
}
