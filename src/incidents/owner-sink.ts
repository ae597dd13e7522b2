const PREFIX = 'owner:';

/** The destination that reaches the owner of a service. No sink of the configuration can have such a name. @param environment  '': any */
export const ownerSinkOf = ({ name, environment }: { readonly name: string; readonly environment: string }): string =>
  `${PREFIX}${name}${environment === '' ? '' : `/${environment}`}`;

export const isOwnerSink = (sink: string): boolean => sink.startsWith(PREFIX);
