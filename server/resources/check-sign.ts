import type { CheckSign, CheckStatus } from './resource-view.ts';

/** The columns of a resource or alignment that say how its check went, with the names behind the ids. */
export type CheckRow = {
  check_state: CheckStatus;
  checked_at: Date | null;
  checker_name: string | null;
  checked_for_kind: 'state' | 'district' | 'school' | null;
};

/** The outcome of a check as pages show it; nobody is named before anybody has decided. */
export function checkSign(row: CheckRow): CheckSign {
  const decided = row.check_state !== 'claimed' && row.check_state !== 'in_check';
  return {
    status: row.check_state,
    by: decided && row.checked_for_kind ? (row.checked_for_kind === 'state' ? 'state' : 'district') : null,
    checker: decided ? row.checker_name : null,
    on: decided && row.checked_at ? new Date(row.checked_at) : null,
  };
}
