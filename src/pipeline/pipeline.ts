/**
 * Pipelines, from text to result: `spec/` reads YAML into one spelling, `compile/` links it into a graph, `advance/` decides what one
 * event changes in a run, `run.ts` and `step.ts` are the actors that carry it out, `work/` is what a step does, `read.ts` shows a run.
 */
export { pipelineActors, startMessage } from './actors.ts'
export { type Compilation, type CompileContext, compileText } from './compile.ts'
export { type CompiledPipeline, dependenciesOf } from './compiled.ts'
export { errorOfFindings, type Finding, hasErrors } from './findings.ts'
export { checkInputs, type Inputs } from './inputs.ts'
export { compileFile } from './load.ts'
export type { RunMessage, RunStart } from './messages.ts'
export { type RunDocument, type RunView, readRun, type StepDocument } from './read.ts'
export { type ReadParts, type Ref, readRef, type Values } from './values.ts'
export type { PipelineServices } from './work/job.ts'
