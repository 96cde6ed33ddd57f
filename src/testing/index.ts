export { type SimulatedClock, simulatedClock } from './clock.ts'
export { type Gate, gate } from './gate.ts'
export { until } from './until.ts'
