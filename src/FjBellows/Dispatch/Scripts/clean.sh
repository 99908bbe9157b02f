# Removes what an ended dispatch left. Exit 75: it still runs.
if [ -d "$d" ]; then
  if [ ! -s "$d/pid" ] && ! begin; then settle; fi
  if busy "$d"; then exit 75; fi
fi
sweep

erase() {
  [ -e "$1" ] || return 0
  # A job may leave directories that are not writable (Go's module cache), which stop rm for everyone but root.
  rm -rf "$1" 2> /dev/null || { chmod -R u+rwx "$1" 2> /dev/null; rm -rf "$1"; }
}

# Containers, networks and volumes of this runner's tasks; all tasks' where the engine is the worker's own and nothing else runs.
if [ "$docker" != none ]; then
  everything=''
  if [ "$docker" = own ]; then
    everything=1
    for entry in "$jobs"/*/; do
      if [ -d "$entry" ] && busy "${entry%/}"; then everything=''; fi
    done
  fi
  if [ -n "$everything" ]; then
    tasks='FORGEJO-ACTIONS-TASK-'
  else
    tasks=$(sed -n 's/.*task \([0-9][0-9]*\) repo is .*/FORGEJO-ACTIONS-TASK-\1([^0-9]|$)/p' "$d/log" 2> /dev/null)
  fi
  set -f
  for task in $tasks; do
    left=$(docker ps -aq --filter "name=$task") || exit 1
    if [ -n "$left" ]; then docker rm -fv $left > /dev/null || exit 1; fi
    left=$(docker network ls -q --filter "name=$task") || exit 1
    if [ -n "$left" ]; then docker network rm $left > /dev/null || exit 1; fi
    left=$(docker volume ls -q --filter "name=$task") || exit 1
    if [ -n "$left" ]; then docker volume rm -f $left > /dev/null || exit 1; fi
  done
fi
erase "$work/$id" && erase "$d"
