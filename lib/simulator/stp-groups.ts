import type { Routes, SignedCall } from './call.ts';
import { refuse } from './refusal.ts';
import { required } from './request.ts';
import type { StpGroup } from './state.ts';

const MAX_GROUPS = 10;
const ACCESS = { access: 'signed', permission: 'SPOT_ACCOUNT_WRITE' } as const;

/**
 * Self-trade-prevention groups (section 8.1). The page gives paths, permissions, the envelope and the limit of ten; the
 * names of parameters and fields, and that a group holds the account that made it, are assumptions. Every account
 * counts as a master account, and any account of the exchange may be put into a group.
 */
export const STP_ENDPOINTS: Routes = {
  'POST /api/v3/strategy/group': { ...ACCESS, parameters: ['tradeGroupName'], run: createGroup },
  'GET /api/v3/strategy/group': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: ['tradeGroupName'],
    run: listGroups,
  },
  'DELETE /api/v3/strategy/group': { ...ACCESS, parameters: ['tradeGroupId'], run: deleteGroup },
  'POST /api/v3/strategy/group/uid': { ...ACCESS, parameters: ['tradeGroupId', 'uid'], run: addMember },
  'DELETE /api/v3/strategy/group/uid': { ...ACCESS, parameters: ['tradeGroupId', 'uid'], run: removeMember },
};

function createGroup(call: SignedCall): string {
  const { store, account, params, at } = call;
  const name = required(params, 'tradeGroupName');
  if (groupsOf(call).length >= MAX_GROUPS) refuse(26, 'Too many strategy groups');
  store.state.counters.stpGroup += 1;
  const group: StpGroup = {
    id: String(store.state.counters.stpGroup),
    name,
    owner: account.uid,
    members: [account.uid],
    createTime: at,
    updateTime: at,
  };
  store.state.stpGroups.push(group);
  return envelope(groupView(group), at);
}

function listGroups(call: SignedCall): string {
  const name = call.params.get('tradeGroupName');
  const groups = groupsOf(call).filter((group) => name === undefined || group.name === name);
  return envelope(groups.map(groupView), call.at);
}

function deleteGroup(call: SignedCall): string {
  const { state } = call.store;
  const group = ownGroup(call);
  state.stpGroups = state.stpGroups.filter((other) => other !== group);
  return envelope(true, call.at);
}

function addMember(call: SignedCall): string {
  const group = ownGroup(call);
  const uid = required(call.params, 'uid');
  if (!call.store.accounts.has(uid)) refuse(10001, 'user does not exist');
  if (!group.members.includes(uid)) group.members.push(uid);
  group.updateTime = call.at;
  return envelope(groupView(group), call.at);
}

function removeMember(call: SignedCall): string {
  const group = ownGroup(call);
  const uid = required(call.params, 'uid');
  if (!group.members.includes(uid)) refuse(22222, 'uid is not in the strategy group');
  group.members = group.members.filter((member) => member !== uid);
  group.updateTime = call.at;
  return envelope(groupView(group), call.at);
}

function groupsOf({ store, account }: SignedCall): StpGroup[] {
  return store.state.stpGroups.filter(({ owner }) => owner === account.uid);
}

function ownGroup(call: SignedCall): StpGroup {
  const id = required(call.params, 'tradeGroupId');
  return groupsOf(call).find((group) => group.id === id) ?? refuse(22222, 'strategy group does not exist');
}

function groupView({ id, name, members, createTime, updateTime }: StpGroup): Record<string, unknown> {
  return { tradeGroupId: id, tradeGroupName: name, uid: members.join(','), createTime, updateTime };
}

function envelope(data: unknown, timestamp: number): string {
  return JSON.stringify({ data, code: 200, msg: 'success', timestamp });
}
