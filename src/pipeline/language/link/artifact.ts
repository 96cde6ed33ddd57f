import type { Json } from '../../../kernel/schema.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import type { ArtifactSpec } from '../../plan/artifact.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { normalizeTexts } from './names/mentions.ts'

/** The texts that say where a step's file is and of which kind, with the ways to them; none when nothing is written. */
export function locationTexts({ artifact, path }: StepSpec): readonly (readonly [Json, DocumentPath])[] {
  return (['location', 'format'] as const).flatMap((key) => {
    const text = artifact?.[key]
    return text === undefined ? [] : [[text, [...path, key]] as const]
  })
}

/** Reports a location where no one step has a result to keep. */
export function refuseLocation({ id, artifact, path }: StepSpec, what: string, report: ReportFinding): void {
  if (artifact?.location === undefined) return
  report('not_supported', [...path, 'location'], `\`location:\` of ${what} is not supported`, {
    step: id,
    hint: 'write the result with a step that uses the tool filesystem',
  })
}

/** The declaration of a file, with its location ready to be rendered. */
export function compileArtifact(artifact: ArtifactSpec): ArtifactSpec {
  return artifact.location === undefined
    ? artifact
    : { ...artifact, location: normalizeTexts(artifact.location) as string }
}

/** A step that writes a file does not start before what it stands on is durable. */
export function effectWithArtifact(artifact: ArtifactSpec | undefined, effect: EffectClass): EffectClass {
  return artifact?.location !== undefined && effect === 'pure' ? 'idempotent' : effect
}
