import type { Json } from '../../../kernel/schema.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import type { ArtifactSpec } from '../../../step/record/artifact.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { normalizeTexts } from './names/mentions.ts'

/** The texts for the place and kind of a step's file, with their paths in the document; none without a file. */
export function locationTexts({ artifact, path }: StepSpec): readonly (readonly [Json, DocumentPath])[] {
  return (['location', 'format'] as const).flatMap((key) => {
    const text = artifact?.[key]
    return text === undefined ? [] : [[text, [...path, key]] as const]
  })
}

/** Reports a location on a step that has no single result to store. */
export function refuseLocation({ id, artifact, path }: StepSpec, what: string, report: ReportFinding): void {
  if (artifact?.location === undefined) return
  report('not_supported', [...path, 'location'], `\`location:\` of ${what} is not supported`, {
    step: id,
    hint: 'Write the result with a step that uses the tool filesystem.',
  })
}

/** The declaration of a file, with its location ready for rendering. */
export function compileArtifact(artifact: ArtifactSpec): ArtifactSpec {
  return artifact.location === undefined ? artifact : { ...artifact, location: normalizeTexts(artifact.location) }
}

/** A step that writes a file does not start before its inputs are durable. */
export function effectWithArtifact(artifact: ArtifactSpec | undefined, effect: EffectClass): EffectClass {
  return artifact?.location !== undefined && effect === 'pure' ? 'idempotent' : effect
}
