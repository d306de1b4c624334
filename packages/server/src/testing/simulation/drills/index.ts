// Every drill. They are played by test/race/drills.test.ts, and once per planted bug by quick.ts.
import { ADOPTION_DRILLS } from './adoption.ts'
import { GIVE_BACK_DRILLS } from './give-backs.ts'
import { LEASE_DRILLS } from './leases.ts'
import type { Drill } from './stage.ts'

export const DRILLS: readonly Drill[] = [...LEASE_DRILLS, ...GIVE_BACK_DRILLS, ...ADOPTION_DRILLS]
