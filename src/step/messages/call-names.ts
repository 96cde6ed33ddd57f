/** The step of a call by its place in a list of calls, counted from 0. */
export const callId = (place: number) => `${CALL}${place + 1}`

/** Whether a step makes a call of a list. */
export const isCallId = (step: string) => step.startsWith(CALL) && /^[1-9]\d*$/.test(step.slice(CALL.length))

/** The gate of a call: the name of the signal by which a person approves it. */
export const gateOf = (call: string) => `${GATE}${call}`

/** Whether a signal approves a call. */
export const isGate = (signal: string) => signal.startsWith(GATE)

/** The name of a question to a person: that of the gate of a call, or else of the step. */
export const nameOfQuestion = ({ step, signal }: { readonly step: string; readonly signal: string }) =>
  isGate(signal) ? signal : step

/** Whether a caller may not give this id to a call: calls without an id have such ids, and gates such names. */
export const isCallName = (id: string) => id.startsWith(CALL) || isGate(id)

const CALL = 'call_'
const GATE = 'approve_'
