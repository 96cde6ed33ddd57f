/** The step of a call by its place in a list of calls, counted from 0. */
export const callId = (place: number) => `${CALL}${place + 1}`

/** Whether a step makes a call of a list. */
export const isCallId = (step: string) => step.startsWith(CALL) && /^[1-9]\d*$/.test(step.slice(CALL.length))

/** The gate of a call: the step in which a person approves it, and the name of the signal that does. */
export const gateOf = (call: string) => `${GATE}${call}`

/** The call behind a gate; a step that is no gate stands for itself. */
export const callBehind = (step: string) => (isGate(step) ? step.slice(GATE.length) : step)

/** Whether a step is the gate of a call. */
export const isGate = (step: string) => step.startsWith(GATE)

/** Whether a caller may not give this id to a call: calls without an id, or gates, have such ids. */
export const isCallName = (id: string) => id.startsWith(CALL) || isGate(id)

const CALL = 'call_'
const GATE = 'approve_'
