#!/usr/bin/env bash
# OpenSearch nodes on the loopback address, from Maven Central's artifacts, for the tests of `imr push` and `--engine`.
#   nodes.sh fetch          resolve the artifacts and compile the launcher (once)
#   nodes.sh start [N]      start N nodes (3), wait until they are one cluster
#   nodes.sh kill K         end node K at once, as a crash would
#   nodes.sh node K         start node K again
#   nodes.sh stop           end them all and delete what they stored
# Needs Java 17 or later and Maven. Ports 9401.. (HTTP) and 9501.. (between nodes), or those from IMR_CLUSTER_PORT on.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${IMR_CLUSTER_HOME:-${TMPDIR:-/tmp}/imr-cluster}
port=${IMR_CLUSTER_PORT:-9400}
heap=${IMR_CLUSTER_HEAP:-768m}
wait=${IMR_CLUSTER_WAIT:-420}
nodes=$(cat "$home/nodes" 2>/dev/null || echo 3)

fetch() {
  mkdir -p "$home/lib" "$home/classes"
  [ -f "$home/lib/.done" ] || {
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$home/lib"
    touch "$home/lib/.done"
  }
  javac -cp "$home/lib/*" -d "$home/classes" "$here/ClusterNode.java"
  cp "$here/log4j2.properties" "$home/classes/"
}

node() {
  local n=$1 seeds masters
  seeds=$(seq -s, -f "127.0.0.1:%g" $((port + 101)) $((port + 100 + nodes)))
  masters=$(seq -s, -f "node%g" 1 "$nodes")
  mkdir -p "$home/node$n"
  java "-Xms$heap" "-Xmx$heap" -XX:+UseSerialGC -Dopensearch.transport.cname_in_publish_address=false \
    -cp "$home/classes:$home/lib/*" ClusterNode \
    "path.home=$home/node$n" "node.name=node$n" cluster.name=imr-tests network.host=127.0.0.1 \
    "http.port=$((port + n))" "transport.port=$((port + 100 + n))" \
    "discovery.seed_hosts[]=$seeds" "cluster.initial_cluster_manager_nodes[]=$masters" \
    cluster.routing.allocation.disk.threshold_enabled=false \
    >"$home/node$n.log" 2>&1 </dev/null &
  echo $! >"$home/node$n.pid"
  disown
}

# Waits for so many nodes and all copies of all shards.
wait_for() {
  local from=$SECONDS n
  while [ $((SECONDS - from)) -lt "$wait" ]; do
    for n in $(seq 1 "$nodes"); do
      if curl -sf -m 20 "http://127.0.0.1:$((port + n))/_cluster/health?wait_for_nodes=$1&wait_for_status=${2:-green}&timeout=15s" |
        grep -q '"timed_out":false'; then
        return
      fi
    done
    sleep 1
  done
  echo "the nodes did not become a cluster; see $home/node*.log" >&2
  return 1
}

end() {
  local pid
  pid=$(cat "$home/node$1.pid" 2>/dev/null) || return 0
  kill "-$2" "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
  rm -f "$home/node$1.pid"
}

case "${1:-}" in
fetch) fetch ;;
start)
  fetch
  nodes=${2:-3}
  echo "$nodes" >"$home/nodes"
  for n in $(seq 1 "$nodes"); do node "$n"; done
  wait_for "$nodes"
  seq -s, -f "http://127.0.0.1:%g" $((port + 1)) $((port + nodes))
  ;;
kill) end "$2" KILL ;;
node)
  node "$2"
  wait_for "$nodes"
  ;;
wait) wait_for "$2" "${3:-green}" ;;
stop)
  for n in $(seq 1 "$nodes"); do end "$n" TERM; done
  rm -rf "$home"/node* "$home/nodes"
  ;;
*)
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 2
  ;;
esac
