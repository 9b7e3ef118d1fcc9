#!/bin/bash
# A real API server of Kubernetes and its etcd, without installing them: programs.sh FOLDER
# Debian has the server as source only. It is built once, with Debian's Go: five minutes of processor time.
set -euo pipefail
folder=$(realpath -m "$1")
[ -x "$folder/kube-apiserver" ] && [ -x "$folder/usr/bin/etcd" ] && exit 0
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/sources"
cd "$folder"

# The sources of the very archive that the machine uses; lists of their own, so that the machine's are left alone.
sed 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources > sources/debian.sources
own=(-o "Dir::Etc::sourcelist=-" -o "Dir::Etc::sourceparts=$folder/sources" -o "Dir::State::lists=$folder/lists"
     -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=root)
apt-get -qq "${own[@]}" update
[ -e kubernetes.orig.tar.gz ] || {
  apt-get -qq "${own[@]}" source --download-only kubernetes
  mv kubernetes_*.orig.tar.gz kubernetes.orig.tar.gz
}
apt-get -qq -o APT::Sandbox::User=root download golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev etcd-server
for package in *.deb; do dpkg -x "$package" .; done

export GOROOT=$folder/usr/lib/go-1.19 GOPATH=$folder/gopath GOCACHE=$folder/gocache GO111MODULE=off CGO_ENABLED=0 GOFLAGS=
export PATH=$GOROOT/bin:$PATH
tree=$GOPATH/src/k8s.io/kubernetes
rm -rf "$tree" && mkdir -p "$tree"
tar -C "$tree" --strip-components=1 -xzf kubernetes.orig.tar.gz
cd "$tree"
# The copy in the tree crashes with this Go.
rm -rf vendor/github.com/modern-go/reflect2
cp -rL "$folder/usr/share/gocode/src/github.com/modern-go/reflect2" vendor/github.com/modern-go/
rm -f vendor/github.com/modern-go/reflect2/*_test.go

# The description of all types is generated, and is in no archive.
go build -o "$folder/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
types=$(grep -rl '+k8s:openapi-gen=' --include='*.go' staging/src/k8s.io pkg \
  | grep -vE 'zz_generated|_test.go|/testdata/|_examples|sample-|code-generator/|test/' \
  | xargs -n1 dirname | sort -u \
  | sed -e 's#^staging/src/#k8s.io/kubernetes/vendor/#' -e 's#^pkg/#k8s.io/kubernetes/pkg/#' | paste -sd,)
"$folder/openapi-gen" --go-header-file hack/boilerplate/boilerplate.generatego.txt -O zz_generated.openapi \
  --output-package k8s.io/kubernetes/pkg/generated/openapi --input-dirs "$types" \
  --report-filename "$folder/violations.txt" 2> "$folder/openapi-gen.log"

version=k8s.io/kubernetes/vendor/k8s.io/component-base/version
go build -tags providerless \
  -ldflags "-s -w -X $version.gitVersion=v1.20.2 -X $version.gitMajor=1 -X $version.gitMinor=20" \
  -o "$folder/kube-apiserver" ./cmd/kube-apiserver
cd "$folder"
rm -rf gopath gocache openapi-gen ./*.deb usr/lib/go-1.19 usr/share/go-1.19 usr/share/gocode lists cache
