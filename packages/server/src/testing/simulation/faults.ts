// Swarm testing: each seed switches classes of faults on and off, so that no fault hides behind another one and quiet
// runs are tried, too. A number is a probability per occasion; zero means that the class is off in this run.
import type { Chance } from './seeded-chance.ts'

export type Faults = {
  /** The call never arrives at the gateway, and nobody answers. */
  readonly requestLost: number
  /** The gateway acts, its answer gets lost. */
  readonly replyLost: number
  /** Certainly nothing left us. */
  readonly notSent: number
  /** The process dies after its intent was committed; nobody records an answer. */
  readonly crash: number
  /** The call travels for up to 50 s. */
  readonly slowRequest: number
  /** The gateway's questions are answered from a copy that is up to 30 s old. */
  readonly staleRead: number
  /** A question gets no answer, or nonsense. */
  readonly queryFails: number
  /** The gateway tells a wrong amount, another currency, too much, or another payment. */
  readonly lies: number
  /** It first says declined, and has the money after all. */
  readonly lateSuccess: number
  /** A delivery of a notification fails; the gateway tries again later. */
  readonly notificationDropped: number
  /** At most so many copies of one notification. */
  readonly copies: number
  /** Notifications come up to 72 h late, in any order. */
  readonly delayed: boolean
  /** Somebody works at the gateway's own pages: refunds, captures, releases. */
  readonly atTheGateway: number
  /** The gateway refuses or reviews refunds. */
  readonly refundTrouble: number
}

export const NO_FAULTS: Faults = {
  requestLost: 0,
  replyLost: 0,
  notSent: 0,
  crash: 0,
  slowRequest: 0,
  staleRead: 0,
  queryFails: 0,
  lies: 0,
  lateSuccess: 0,
  notificationDropped: 0,
  copies: 1,
  delayed: false,
  atTheGateway: 0,
  refundTrouble: 0,
}

export function swarm(chance: Chance): Faults {
  const sometimes = (most: number) => (chance.happens(0.5) ? most * chance.fraction() : 0)
  return {
    requestLost: sometimes(0.3),
    replyLost: sometimes(0.4),
    notSent: sometimes(0.2),
    crash: sometimes(0.3),
    slowRequest: sometimes(0.5),
    staleRead: sometimes(0.5),
    queryFails: sometimes(0.6),
    lies: sometimes(0.3),
    lateSuccess: sometimes(0.5),
    notificationDropped: sometimes(0.3),
    copies: chance.happens(0.5) ? chance.between(2, 5) : 1,
    delayed: chance.happens(0.5),
    atTheGateway: sometimes(0.4),
    refundTrouble: sometimes(0.4),
  }
}
