import type { PhaseChoice, PhaseQuery, PhaseSummary } from '../../chain/define/describe-phases.ts'
import type { ModelSummary } from '../../contract/documents/tool.ts'
import type { ModelFit } from '../../model/choose/choose.ts'
import type { ToolDescription } from '../../tool/describe.ts'
import type { ToolHealth } from '../../tool/plugin/health.ts'

export type { ModelSummary } from '../../contract/documents/tool.ts'

/** The tools, models and phases of a runtime. */
export interface CataloguePort {
  /** The tools that steps can use, by name; or one, with all its operations: NotFoundError when there is none. */
  tools(name?: string): readonly ToolDescription[]
  /** Asks all tools with a `health`, for at most five seconds. Nothing of it is kept. */
  health(): Promise<readonly ToolHealth[]>
  /** The models that may answer. */
  models(): readonly ModelSummary[]
  /** Judges models by requirements in words, the best first. Calls no model. InvalidError for unknown words. */
  judgeModels(needs: string): readonly ModelFit[]
  /** The phases that serve asks, and where each comes from. */
  phases(): Promise<readonly PhaseSummary[]>
  /**
   * Shows how the phases and pools of a question are chosen, phase by phase.
   * @throws InvalidError for an unknown modality, domain or phase
   */
  selectPhases(query?: PhaseQuery): readonly PhaseChoice[]
}
