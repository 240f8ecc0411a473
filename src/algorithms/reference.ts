/** π_ref, which is set to the policy every `referenceRefresh` updates (R1 v2 S2.1). */
import type { Engine, Snapshot } from '../engine/engine.ts'
import type { GrpoConfig } from './grpo-config.ts'

/** The reference after update `step`: a copy of the policy where it is renewed then, the same one otherwise. */
export async function renewedReference(
  reference: Snapshot | undefined,
  engine: Engine,
  step: number,
  { referenceRefresh }: Pick<GrpoConfig, 'referenceRefresh'>,
): Promise<Snapshot | undefined> {
  if (reference === undefined || referenceRefresh === 0 || step % referenceRefresh !== 0) return reference
  reference.close()
  return await engine.snapshot()
}
