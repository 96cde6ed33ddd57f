import type { SimulatedFault, TrialPlan } from './plan.ts'

type FaultOf<Type extends SimulatedFault['type']> = Extract<SimulatedFault, { type: Type }>
type FlushFault = Extract<SimulatedFault, { flush: number }>
export type StepFault = Extract<SimulatedFault, { step: number }>

/** The faults of a plan, by their time. Flushes and effect calls are counted over all lives. */
export interface FaultSchedule {
  atStep(step: number): readonly StepFault[]
  nextFlush(): <Type extends FlushFault['type']>(type: Type) => FaultOf<Type> | undefined
  nextCall(): FaultOf<'effect'>['problem'] | undefined
  /** Ends all faults from now on. */
  heal(): void
}

export function createFaultSchedule({ faults }: TrialPlan): FaultSchedule {
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
        mine.find((fault): fault is FaultOf<Type> => fault.type === type)
    },
    nextCall() {
      calls++
      return left.find((fault): fault is FaultOf<'effect'> => fault.type === 'effect' && fault.call === calls)?.problem
    },
    heal: () => void (left = []),
  }
}
