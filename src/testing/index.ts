/**
 * Helpers for your tests: a simulated clock, gates, `until`, and openers of engines. `trials/` beside `src/` publishes
 * them as `antiphon/testing`, and holds the suite that every engine must pass.
 */

export { findStranded, type WaitsFor } from '../engine/liveness.ts'
export type { AgentCaseReport, AgentTestReport } from './agents/report.ts'
export { type StubAnswer, type StubbedTool, type StubCall, stubTool } from './agents/stub-tool.ts'
export type {
  AgentCase,
  AgentTest,
  AgentTestOptions,
  AskedPerson,
  ExpectedCall,
  Judgement,
  Pattern,
} from './agents/suite.ts'
export { testAgent } from './agents/test-agent.ts'
export type { AgentTranscript, TranscriptCall, TranscriptMessage } from './agents/transcript.ts'
export { type SimulatedClock, simulatedClock } from './clock.ts'
export { type Gate, gate } from './gate.ts'
export { inlineOpener, type OnCommit } from './openers/inline.ts'
export { type LibsqlVariant, libsqlOpener } from './openers/libsql.ts'
export { type RecordedModel, type RecordMode, type RecordOptions, recordedModel } from './recorded-model.ts'
export { scriptedModel } from './scripted.ts'
export type { ScriptedTurn, TestModel } from './test-model.ts'
export { until } from './until.ts'
export { type TestApp, type TestScript, testApp } from './workflows/test-app.ts'
